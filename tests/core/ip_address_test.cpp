#include "core/ip_address.hpp"

#include <gtest/gtest.h>

#include "core/ip_network.hpp"

namespace penstock {
namespace {

TEST(ip_address, ReadsTheUsualFormsAndNoOthers) {
  for (const auto* good : {"0.0.0.0", "192.0.2.1", "255.255.255.255", "::", "::1", "2001:db8::1", "fe80::1"}) {
    const auto read = parse_ip_address(good);
    ASSERT_TRUE(read) << good;
    EXPECT_EQ(to_string(*read), good);
  }
  for (const auto* bad :
       {"", "1", "127.1", "0x7f.0.0.1", "0177.0.0.1", "2130706433", "1.2.3.4.", "1.2.3.256", " 1.2.3.4", "1.2.3.4 ",
        "[::1]", "::1%lo", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "localhost", "1.2.3.4:80", "10.0.0.0/8"})
    EXPECT_FALSE(parse_ip_address(bad)) << bad;
  EXPECT_FALSE(parse_ip_address(std::string_view("1.2.3.4\0", 8)));
}

TEST(ip_address, MappedIsWhatItMaps) {
  EXPECT_EQ(to_string(unmapped(*parse_ip_address("::ffff:10.1.2.3"))), "10.1.2.3");
  EXPECT_EQ(to_string(unmapped(*parse_ip_address("::fffe:10.1.2.3"))), "::fffe:a01:203");
  EXPECT_EQ(to_string(unmapped(*parse_ip_address("10.1.2.3"))), "10.1.2.3");
}

TEST(ip_network, HasTheAddressesThatBeginLikeIt) {
  struct row {
    const char *network, *address;
    bool inside;
  };
  const row rows[] = {
    {"10.0.0.0/8", "10.255.255.255", true},
    {"10.0.0.0/8", "11.0.0.0", false},
    {"10.0.0.0/8", "::ffff:10.0.0.1", true},
    {"10.0.0.0/8", "::10.0.0.1", false},
    {"192.0.2.128/25", "192.0.2.128", true},
    {"192.0.2.128/25", "192.0.2.127", false},
    {"192.0.2.1", "192.0.2.1", true},
    {"192.0.2.1", "192.0.2.2", false},
    {"0.0.0.0/0", "203.0.113.1", true},
    {"0.0.0.0/0", "2001:db8::1", false},
    {"fd00::/8", "fdff::1", true},
    {"fd00::/8", "fc00::1", false},
    {"::/0", "2001:db8::1", true},
    {"::/0", "10.0.0.1", false},
    {"2001:db8::/33", "2001:db8:7fff::", true},
    {"2001:db8::/33", "2001:db8:8000::", false},
    {"::ffff:10.0.0.0/104", "10.1.2.3", true},
    {"::1", "::1", true},
  };
  for (const auto& [network, address, inside] : rows) {
    const auto range = parse_ip_network(network);
    ASSERT_TRUE(range) << network;
    EXPECT_EQ(range->contains(*parse_ip_address(address)), inside) << network << " " << address;
  }
}

TEST(ip_network, RefusesWhatItsWriterDidNotMean) {
  for (const auto* bad : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "::/129", "10/8",
                          "localhost", "10.0.0.0/8/8", "10.0.0.0 /8"})
    EXPECT_FALSE(parse_ip_network(bad)) << bad;
  EXPECT_NE(parse_ip_network("10.1.2.3/8").error().message.find("write 10.0.0.0/8"), std::string::npos);
}

} // namespace
} // namespace penstock
