#include "core/address_kind.hpp"

#include <gtest/gtest.h>

namespace penstock {
namespace {

using enum address_kind;

struct row {
  const char* address;
  address_kind kind;
};

void expect_all(std::initializer_list<row> rows) {
  for (const auto& [text, kind] : rows) {
    const auto address = parse_ip_address(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(describe(kind_of(*address)), describe(kind)) << text;
  }
}

TEST(address_kind, OfIpv4FollowsTheRegistryToTheEdges) {
  expect_all({
    {"0.0.0.0", unspecified},
    {"0.255.255.255", unspecified},
    {"1.0.0.0", global},
    {"9.255.255.255", global},
    {"10.0.0.0", private_use},
    {"10.255.255.255", private_use},
    {"11.0.0.0", global},
    {"100.63.255.255", global},
    {"100.64.0.0", carrier_nat},
    {"100.127.255.255", carrier_nat},
    {"100.128.0.0", global},
    {"100.100.100.200", metadata},
    {"126.255.255.255", global},
    {"127.0.0.0", loopback},
    {"127.0.0.1", loopback},
    {"127.255.255.255", loopback},
    {"128.0.0.0", global},
    {"168.63.129.16", metadata},
    {"169.253.255.255", global},
    {"169.254.0.0", link_local},
    {"169.254.169.254", metadata},
    {"169.254.170.2", link_local},
    {"169.255.0.0", global},
    {"172.15.255.255", global},
    {"172.16.0.0", private_use},
    {"172.31.255.255", private_use},
    {"172.32.0.0", global},
    {"192.0.0.192", reserved},
    {"192.0.1.0", global},
    {"192.0.2.0", documentation},
    {"192.88.99.1", tunnelled},
    {"192.167.255.255", global},
    {"192.168.0.0", private_use},
    {"192.168.255.255", private_use},
    {"192.169.0.0", global},
    {"198.17.255.255", global},
    {"198.18.0.0", reserved},
    {"198.19.255.255", reserved},
    {"198.51.100.7", documentation},
    {"203.0.113.255", documentation},
    {"203.0.114.0", global},
    {"223.255.255.255", global},
    {"224.0.0.1", multicast},
    {"239.255.255.255", multicast},
    {"240.0.0.1", reserved},
    {"255.255.255.255", reserved},
    {"8.8.8.8", global},
  });
}

TEST(address_kind, OfIpv6KnowsOnlyWhatIsGivenOut) {
  expect_all({
    {"::", unspecified},
    {"::1", loopback},
    {"::2", tunnelled},
    {"::127.0.0.1", tunnelled},
    {"fe80::1", link_local},
    {"febf::1", link_local},
    {"fec0::1", private_use},
    {"fc00::1", unique_local},
    {"fd00:ec2::254", unique_local},
    {"ff02::1", multicast},
    {"2001:db8::1", documentation},
    {"3fff::1", documentation},
    {"2001:2::1", reserved},
    {"2001:20::1", reserved},
    {"100::1", reserved},
    {"5f00::1", reserved},
    {"4000::1", reserved},
    {"2001:4860:4860::8888", global},
    {"2606:4700::1111", global},
    {"2001:200::1", global},
    {"3ffe::1", global},
  });
}

TEST(address_kind, AnIpv4AddressInsideAnIpv6OneIsFound) {
  expect_all({
    {"::ffff:127.0.0.1", loopback},
    {"::ffff:7f00:1", loopback},
    {"::ffff:10.0.0.1", private_use},
    {"::ffff:169.254.169.254", metadata},
    {"::ffff:8.8.8.8", global},
    {"64:ff9b::127.0.0.1", loopback},
    {"64:ff9b::a00:1", private_use},
    {"64:ff9b::169.254.169.254", metadata},
    {"64:ff9b::8.8.8.8", global},
    {"64:ff9b:1::8.8.8.8", reserved},
    {"2002:7f00:1::", tunnelled},
    {"2002:808:808::1", tunnelled},
    {"2001:0:4136:e378:8000:63bf:3fff:fdd2", tunnelled},
  });
}

} // namespace
} // namespace penstock
