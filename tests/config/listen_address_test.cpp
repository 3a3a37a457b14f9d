#include "config/listen_address.hpp"

#include <gtest/gtest.h>

namespace penstock::config {
namespace {

TEST(listen_address, ReadsBothFamilies) {
  const auto v4 = parse_listen_address("0.0.0.0:0");
  ASSERT_TRUE(v4);
  EXPECT_EQ(v4->address, "0.0.0.0");
  EXPECT_EQ(v4->port, 0);
  const auto v6 = parse_listen_address("[::1]:65535");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->address, "::1");
  EXPECT_EQ(v6->port, 65535);
}

TEST(listen_address, RefusesWhatIsNoIpAddressAndPort) {
  for (const char* bad : {"", ":", "127.0.0.1", "127.0.0.1:", ":8080", "127.0.0.1:65536", "127.0.0.1:-1",
                          "127.0.0.1:8x", "localhost:8080", "*:8080", "::1:8080", "[127.0.0.1]:80", "[::1]", "[]:1",
                          "1.2.3:80", "127.0.0.1: 80", "http://127.0.0.1:80"})
    EXPECT_FALSE(parse_listen_address(bad)) << bad;
}

TEST(listen_address, LocalUrlReachesANodeThatListensOnAllAddresses) {
  EXPECT_EQ(local_url({"192.0.2.1", 80}, false), "http://192.0.2.1:80");
  EXPECT_EQ(local_url({"0.0.0.0", 80}, false), "http://127.0.0.1:80");
  EXPECT_EQ(local_url({"::", 80}, true), "https://[::1]:80");
}

} // namespace
} // namespace penstock::config
