#include "gateway/access.hpp"

#include <gtest/gtest.h>

namespace penstock::gateway {
namespace {

struct access_row {
  access_level needs;
  bool loopback;
  std::string authorization, forwarded;
  int status; ///< 0: may go on
};

TEST(access, DecidesByLevelTokenAndOrigin) {
  const access_policy policy(hash_token("right"));
  const access_row rows[] = {
    {access_level::anybody, false, "", "", 0},
    {access_level::loopback, true, "", "", 0},
    {access_level::loopback, false, "", "", 401},
    {access_level::loopback, false, "Bearer right", "", 0},
    {access_level::loopback, true, "", "203.0.113.9", 401}, // handed on by a proxy of this machine
    {access_level::viewer, true, "", "", 401},
    {access_level::viewer, true, "Bearer right", "", 0},
    {access_level::admin, false, "Bearer right", "", 0},
    {access_level::admin, false, "bearer right", "", 0},
    {access_level::admin, false, "Bearer   right", "", 0},
    {access_level::admin, false, "Bearer Right", "", 401},
    {access_level::admin, false, "Bearer right ", "", 401},
    {access_level::admin, false, "Bearer ", "", 401},
    {access_level::admin, false, "Bearer", "", 401},
    {access_level::admin, false, "Basic right", "", 401},
    {access_level::admin, false, "right", "", 401},
  };
  for (const auto& row : rows) {
    net::http_server_request request;
    request.is_loopback = row.loopback;
    if (!row.authorization.empty())
      request.headers.add("Authorization", row.authorization);
    if (!row.forwarded.empty())
      request.headers.add("X-Forwarded-For", row.forwarded);
    const auto refusal = policy.refuse(row.needs, request);
    EXPECT_EQ(refusal ? refusal->status : 0, row.status) << row.authorization;
  }
}

TEST(access, RefusalSaysHowToAuthenticate) {
  const access_policy policy(hash_token("right"));
  net::http_server_request request;
  const auto without = policy.refuse(access_level::viewer, request);
  ASSERT_TRUE(without);
  EXPECT_EQ(without->headers.value_or("WWW-Authenticate", ""), R"(Bearer realm="penstock")");
  EXPECT_NE(without->body.find("\"token_required\""), std::string::npos);
  request.headers.add("Authorization", "Bearer wrong");
  const auto wrong = policy.refuse(access_level::viewer, request);
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong->headers.value_or("WWW-Authenticate", ""), R"(Bearer realm="penstock", error="invalid_token")");
  EXPECT_EQ(wrong->body.find("wrong"), std::string::npos) << "a token must not be repeated";
}

TEST(access, HashIsSha256) {
  const auto hash = hash_token("abc");
  EXPECT_EQ(hash[0], 0xba);
  EXPECT_EQ(hash[31], 0xad);
}

} // namespace
} // namespace penstock::gateway
