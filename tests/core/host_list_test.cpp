#include "core/host_list.hpp"

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(host_list, KnowsNamesEndingsAndAddresses) {
  const auto list =
    host_list::parse({"CRM.Example", "*.corp.example", "10.1.0.0/16", "[::1]", "192.0.2.7", "localhost"});
  ASSERT_TRUE(list) << list.error().message;
  for (const auto* host : {"crm.example", "crm.example.", "a.corp.example", "b.a.corp.example", "localhost"})
    EXPECT_TRUE(list->has_name(host)) << host;
  for (const auto* host : {"corp.example", "xcorp.example", "a.crm.example", "crm.example.org", "a.localhost", "", "."})
    EXPECT_FALSE(list->has_name(host)) << host;
  for (const auto* address : {"10.1.255.1", "::1", "192.0.2.7", "::ffff:10.1.0.1"})
    EXPECT_TRUE(list->has_address(*parse_ip_address(address))) << address;
  for (const auto* address : {"10.2.0.1", "::2", "127.0.0.1"})
    EXPECT_FALSE(list->has_address(*parse_ip_address(address))) << address;
}

TEST(host_list, EmptyKnowsNobody) {
  const host_list list;
  EXPECT_FALSE(list.has_name("localhost"));
  EXPECT_FALSE(list.has_address(*parse_ip_address("127.0.0.1")));
  EXPECT_FALSE(list.has_networks());
}

TEST(host_list, RefusesWhatIsNoHost) {
  for (const auto* bad : {"", "*", "*.", "a..b", ".a", "a.", "a.*.b", "http://a", "a:80", "a/b", "10.1", "2130706433",
                          "0x7f.1", "10.0.0.1/8", "a b", "*.10", "a\nb"}) {
    const auto list = host_list::parse({"fine.example", bad});
    ASSERT_FALSE(list) << bad;
    EXPECT_EQ(list.error().code, error_code::invalid_argument);
    EXPECT_EQ(list.error().message.find('\n'), std::string::npos);
  }
}

} // namespace
} // namespace penstock
