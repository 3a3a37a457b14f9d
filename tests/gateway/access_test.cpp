#include "gateway/access.hpp"

#include <gtest/gtest.h>

#include "core/manual_clock.hpp"

namespace penstock::gateway {
namespace {

using namespace std::chrono_literals;

access_token stored(std::int64_t id, const std::string& token, role grants, organisation_id of = {},
                    timestamp expires_at = no_time) {
  access_token made;
  made.id = {id};
  made.name = "t" + std::to_string(id);
  made.hash = to_hex(hash_token(token));
  made.grants = grants;
  made.organisation = of;
  made.expires_at = expires_at;
  return made;
}

class access : public ::testing::Test {
protected:
  access() {
    read({stored(1, "looks", role::viewer), stored(2, "runs", role::operating), stored(3, "rules", role::admin),
          stored(4, "bound", role::admin, {7}), stored(5, "old", role::admin, {}, clock.now())});
  }
  void read(const std::vector<access_token>& all) { tokens.replace(all, {}, tokens.begin_reading()); }
  static net::http_server_request request_with(const std::string& authorization, bool loopback = false) {
    net::http_server_request request;
    request.is_loopback = loopback;
    if (!authorization.empty())
      request.headers.add("Authorization", authorization);
    return request;
  }
  int status(access_rule needs, const std::string& token) {
    const auto admission = policy.admit(needs, request_with(token.empty() ? "" : "Bearer " + token));
    return admission.refusal ? admission.refusal->status : 0;
  }

  manual_clock clock{timestamp(500'000h)};
  token_directory tokens{hash_token("right")};
  const std::string public_url = "https://penstock.test";
  access_policy policy{tokens, clock, public_url};
};

TEST_F(access, DecidesByLevelTokenAndOrigin) {
  struct access_row {
    access_level needs;
    bool loopback;
    std::string authorization, forwarded;
    int status; ///< 0: may go on
  };
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
    auto request = request_with(row.authorization, row.loopback);
    if (!row.forwarded.empty())
      request.headers.add("X-Forwarded-For", row.forwarded);
    const auto refusal = policy.admit(row.needs, request).refusal;
    EXPECT_EQ(refusal ? refusal->status : 0, row.status) << row.authorization;
  }
}

TEST_F(access, EachRoleMayWhatIsItsOwnAndWhatThoseBelowItMay) {
  struct row {
    std::string token;
    int viewer, operating, admin;
  };
  for (const auto& [token, viewer, operating, admin] : std::vector<row>{{"", 401, 401, 401},
                                                                        {"unknown", 401, 401, 401},
                                                                        {"old", 401, 401, 401},
                                                                        {"looks", 0, 403, 403},
                                                                        {"runs", 0, 0, 403},
                                                                        {"rules", 0, 0, 0},
                                                                        {"right", 0, 0, 0}}) {
    EXPECT_EQ(status(access_level::viewer, token), viewer) << token;
    EXPECT_EQ(status(access_level::operating, token), operating) << token;
    EXPECT_EQ(status(access_level::admin, token), admin) << token;
  }
}

TEST_F(access, CallerBoundToAnOrganisationComesOnlyWhereThatIsLookedAt) {
  EXPECT_EQ(status(access_level::viewer, "bound"), 403);
  EXPECT_EQ(status(scoped(access_level::viewer), "bound"), 0);
  EXPECT_EQ(status(scoped(access_level::admin), "bound"), 0);
  EXPECT_EQ(status(access_level::loopback, "bound"), 0) << "whether the node lives is no secret of others";
  const auto who = policy.admit(scoped(access_level::admin), request_with("Bearer bound")).who;
  EXPECT_EQ(who.organisation, organisation_id{7});
  EXPECT_TRUE(who.sees({7}));
  EXPECT_FALSE(who.sees({8}));
  EXPECT_FALSE(who.sees({}));
}

TEST_F(access, RefusalSaysHowToAuthenticate) {
  const auto without = policy.admit(access_level::viewer, request_with("")).refusal;
  ASSERT_TRUE(without);
  EXPECT_EQ(without->headers.value_or("WWW-Authenticate", ""), R"(Bearer realm="penstock")");
  EXPECT_NE(without->body.find("\"token_required\""), std::string::npos);
  const auto wrong = policy.admit(access_level::viewer, request_with("Bearer wrong")).refusal;
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong->headers.value_or("WWW-Authenticate", ""), R"(Bearer realm="penstock", error="invalid_token")");
  EXPECT_EQ(wrong->body.find("wrong"), std::string::npos) << "a token must not be repeated";
  const auto old = policy.admit(access_level::viewer, request_with("Bearer old")).refusal;
  ASSERT_TRUE(old);
  EXPECT_NE(old->body.find("\"token_expired\""), std::string::npos);
  const auto low = policy.admit(access_level::admin, request_with("Bearer looks")).refusal;
  ASSERT_TRUE(low);
  EXPECT_NE(low->body.find("needs the role admin, and the caller has viewer"), std::string::npos) << low->body;
}

TEST_F(access, UsesAreToldOnceAndOutliveANewReading) {
  static_cast<void>(status(access_level::viewer, "looks"));
  read({stored(1, "looks", role::viewer)});
  const auto uses = tokens.take_uses();
  ASSERT_EQ(uses.size(), 1u);
  EXPECT_EQ(uses[0].id, token_id{1});
  EXPECT_EQ(uses[0].at, clock.now());
  EXPECT_TRUE(tokens.take_uses().empty());
  EXPECT_EQ(status(access_level::viewer, "rules"), 401) << "it is not stored any more";
}

TEST_F(access, WhatWasReadBeforeATokenWasRevokedDoesNotBringItBack) {
  const auto reading = tokens.begin_reading();
  tokens.remove({2});
  EXPECT_EQ(status(access_level::viewer, "runs"), 401);
  tokens.replace({stored(1, "looks", role::viewer), stored(2, "runs", role::operating)}, {}, reading);
  EXPECT_EQ(status(access_level::viewer, "runs"), 401);
  const auto older = tokens.begin_reading(), newer = tokens.begin_reading();
  tokens.replace({stored(1, "looks", role::viewer)}, {}, newer);
  tokens.replace({stored(2, "runs", role::operating)}, {}, older);
  EXPECT_EQ(status(access_level::viewer, "looks"), 0);
  EXPECT_EQ(status(access_level::viewer, "runs"), 401);
}

TEST_F(access, WhatWasReadBeforeATokenWasMadeDoesNotForgetIt) {
  const auto reading = tokens.begin_reading();
  tokens.add(stored(9, "new", role::viewer));
  tokens.replace({}, {}, reading);
  EXPECT_EQ(status(access_level::viewer, "new"), 0);
}

TEST_F(access, TokensOfAnOrganisationGoTogether) {
  tokens.remove_of({7});
  EXPECT_EQ(status(scoped(access_level::viewer), "bound"), 401);
  EXPECT_EQ(status(access_level::viewer, "looks"), 0);
}

TEST_F(access, WhoStaysLongIsAskedAboutAgain) {
  const auto who = policy.admit(access_level::viewer, request_with("Bearer looks")).who;
  EXPECT_EQ(who.name, "token 1 (t1)");
  EXPECT_TRUE(tokens.is_good(who, clock.now()));
  tokens.remove({1});
  EXPECT_FALSE(tokens.is_good(who, clock.now()));
  EXPECT_TRUE(tokens.is_good(policy.admit(access_level::viewer, request_with("Bearer right")).who, clock.now()));
  read({stored(1, "looks", role::viewer, {}, clock.now() + 1h)});
  EXPECT_TRUE(tokens.is_good(who, clock.now()));
  EXPECT_FALSE(tokens.is_good(who, clock.now() + 1h)) << "its time is over";
}

TEST_F(access, HashIsSha256) {
  const auto hash = hash_token("abc");
  EXPECT_EQ(hash[0], 0xba);
  EXPECT_EQ(hash[31], 0xad);
  EXPECT_EQ(to_hex(hash), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

} // namespace
} // namespace penstock::gateway
