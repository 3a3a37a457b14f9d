#include <caf/send.hpp>

#include "actors/token_keeper.hpp"
#include "tests/actors/deterministic_engine.hpp"

// Keepers of one credential on several nodes that share a database.
namespace penstock::actors::testing {

using namespace std::chrono_literals;

namespace {
constexpr const char* new_pair =
  R"({"access_token":"access-2","refresh_token":"refresh-2","expires_in":21600,"token_type":"Bearer"})";
constexpr const char* spent = R"({"code":"bad_request.refresh_token.invalid","message":"spent"})";
} // namespace

class token_sharing_test : public deterministic_engine {
protected:
  void SetUp() override {
    start();
    integration account;
    account.service = "test";
    account.name = "mine";
    auto added = change(add_integration{account});
    ASSERT_TRUE(added && added->ok());
    id = {added->created.at(0)};
    put(1, 10s); // ends within the keepers' margin
    for (int i = 0; i < 3; ++i)
      nodes.push_back(keeper());
  }
  void TearDown() override {
    for (const auto& node : nodes)
      caf::anon_send_exit(node, caf::exit_reason::user_shutdown);
    deterministic_engine::TearDown();
  }

  kept_token_keeper_actor keeper() {
    token_keeper_config config;
    config.integration = id;
    config.provider = net::oauth2_provider{"http://provider.test/authorize", "http://provider.test/token", "client",
                                           "secret", "http://localhost/callback"};
    config.store = aut->handles().store;
    config.reader = aut->handles().readers.front();
    config.http = &slow;
    config.clock = &clock;
    config.executor = network.executor();
    config.shared = true;
    config.as_client = as_client;
    return spawn_token_keeper(caf::actor_cast<caf::actor>(aut->handles().store).home_system(), config);
  }

  /// From here on: so many nodes whose tokens the client is given, for an integration that has none yet.
  void clients(int count) {
    for (const auto& node : std::exchange(nodes, {}))
      caf::anon_send_exit(node, caf::exit_reason::user_shutdown);
    integration account;
    account.service = "test";
    account.name = "client";
    id = {change(add_integration{account}).value().created.at(0)};
    as_client = true;
    for (int i = 0; i < count; ++i)
      nodes.push_back(keeper());
  }

  result<unit_result> change(engine_change wanted) {
    unit_of_work unit;
    unit.changes.push_back(std::move(wanted));
    return commit(std::move(unit));
  }
  /// Another node stores version `version`.
  void put(int version, duration lifetime = 6h) {
    credential tokens;
    tokens.integration = id;
    tokens.access_token = "access-" + std::to_string(version);
    tokens.refresh_token = "refresh-" + std::to_string(version);
    tokens.access_expires_at = clock.now() + lifetime;
    const auto stored = change(store_credential{tokens, version - 1});
    ASSERT_TRUE(stored && stored->ok());
  }
  /// What a caller on that node gets: a token, or the name of an error's code.
  std::shared_ptr<std::string> ask(std::size_t node, std::string rejected = {}) {
    auto got = std::make_shared<std::string>();
    caf::anon_send(nodes.at(node), token_query{id, std::move(rejected), [got](result<std::string> answer) {
                                                 *got = answer ? *answer : std::string{to_string(answer.error().code)};
                                               }});
    return got;
  }
  void answer(int status, std::string body, duration after = 1s, int times = 1) {
    slow.expect({"POST", "/token", net::http_response{status, {}, std::move(body)}, after, {}, times});
  }
  integration_status status() { return db().integrations().find(id).value_or(integration{}).schedule.status; }

  net::scripted_http_client slow{std::shared_ptr<net::sleeper>(&sleeper, [](net::sleeper*) {})};
  integration_id id{};
  bool as_client = false;
  std::vector<kept_token_keeper_actor> nodes;
};

TEST_F(token_sharing_test, AThousandCallersOnThreeNodesCauseOneRefresh) {
  answer(200, new_pair);
  std::vector<std::shared_ptr<std::string>> got;
  for (std::size_t i = 0; i < 1000; ++i)
    got.push_back(ask(i % 3));
  advance(3s);
  for (const auto& each : got)
    ASSERT_EQ(*each, "access-2");
  EXPECT_EQ(slow.requests().size(), 1u);
  EXPECT_EQ(db().integrations().credential_of(id).value()->version, 2);
}

TEST_F(token_sharing_test, ANodeThatKnowsAnOldPairTakesTheNewOneInsteadOfRefreshing) {
  put(2);
  auto b = ask(1);
  settle();
  EXPECT_EQ(*b, "access-2");
  put(3);
  b = ask(1, "access-2");
  settle();
  EXPECT_EQ(*b, "access-3");
  EXPECT_TRUE(slow.requests().empty());
}

TEST_F(token_sharing_test, ARefusedTokenThatWasReplacedMeanwhileAsksNobodyForConsent) {
  answer(400, spent, 2s);
  const auto got = ask(0);
  advance(1s);
  ASSERT_EQ(slow.requests().size(), 1u);
  put(2);
  advance(3s);
  EXPECT_EQ(*got, "access-2");
  EXPECT_EQ(status(), integration_status::idle);
}

TEST_F(token_sharing_test, ARefusalIsAskedForOnceAndKnownToAllNodesUntilAPersonConsents) {
  answer(400, spent);
  const auto a = ask(0), b = ask(1), c = ask(2);
  advance(3s);
  EXPECT_EQ(*a, "requires_reauth");
  EXPECT_EQ(*b, "requires_reauth");
  EXPECT_EQ(*c, "requires_reauth");
  EXPECT_EQ(slow.requests().size(), 1u);
  EXPECT_EQ(status(), integration_status::requires_reauth);

  credential tokens;
  tokens.access_token = "consented";
  tokens.refresh_token = "refresh-9";
  std::optional<result<void>> installed;
  caf::anon_send(nodes[0], install_tokens{id, tokens, [&](result<void> answer) { installed = answer; }});
  settle();
  ASSERT_TRUE(installed && *installed);
  const auto again = ask(1);
  settle();
  EXPECT_EQ(*again, "consented");
  EXPECT_EQ(status(), integration_status::idle);
}

TEST_F(token_sharing_test, AConsentStandsAlsoWhereAnotherNodeRotatedThePairMeanwhile) {
  const auto known = ask(0, "none");
  answer(200, new_pair);
  advance(2s);
  EXPECT_EQ(*known, "access-2");
  put(3);
  credential tokens;
  tokens.access_token = "consented";
  std::optional<result<void>> installed;
  caf::anon_send(nodes[0], install_tokens{id, tokens, [&](result<void> answer) { installed = answer; }});
  settle();
  ASSERT_TRUE(installed && *installed);
  EXPECT_EQ(db().integrations().credential_of(id).value()->access_token, "consented");
}

TEST_F(token_sharing_test, ANodeThatDiedWhileRefreshingKeepsOthersHalfAMinuteAtMost) {
  ASSERT_TRUE(change(begin_refresh{id, 1, clock.now() + 30s})->ok());
  answer(200, new_pair, 0s);
  const auto got = ask(0);
  advance(29s);
  EXPECT_EQ(*got, "");
  EXPECT_TRUE(slow.requests().empty());
  advance(3s);
  EXPECT_EQ(*got, "access-2");
}

TEST_F(token_sharing_test, AWaitForAnotherNodesRefreshEnds) {
  ASSERT_TRUE(change(begin_refresh{id, 1, clock.now() + 1h})->ok());
  const auto got = ask(0);
  advance(45s);
  EXPECT_EQ(*got, "unavailable");
  EXPECT_TRUE(slow.requests().empty());
}

TEST_F(token_sharing_test, ARefreshThatFailedLeavesItToWhoeverComesNext) {
  answer(503, "");
  answer(200, new_pair);
  const auto first = ask(0);
  advance(2s);
  EXPECT_EQ(*first, "provider_unavailable");
  const auto second = ask(1);
  advance(2s);
  EXPECT_EQ(*second, "access-2");
}

TEST_F(token_sharing_test, ADatabaseThatTakesNoWritesForAMomentDelaysTheRefreshOnly) {
  answer(200, new_pair);
  bool busy = true;
  fault = [&busy](std::string_view call) -> std::optional<error> {
    if (busy && call == "commit")
      return error{error_code::storage_busy, "database is locked"};
    return std::nullopt;
  };
  const auto got = ask(0);
  advance(5s);
  EXPECT_TRUE(slow.requests().empty()) << "nobody is asked before the claim is stored";
  busy = false;
  advance(3s);
  EXPECT_EQ(*got, "access-2");
  EXPECT_EQ(slow.requests().size(), 1u);
}

TEST_F(token_sharing_test, AClientsFirstTokenIsAskedForOnceForAllWhoWaitAndStored) {
  clients(1);
  answer(200, R"({"access_token":"given","expires_in":3600})");
  std::vector<std::shared_ptr<std::string>> got;
  for (int i = 0; i < 1000; ++i)
    got.push_back(ask(0));
  advance(3s);
  for (const auto& each : got)
    ASSERT_EQ(*each, "given");
  ASSERT_EQ(slow.requests().size(), 1u);
  EXPECT_NE(slow.requests().front().body.find("grant_type=client_credentials"), std::string::npos);
  EXPECT_EQ(db().integrations().credential_of(id).value()->access_token, "given");
  answer(200, R"({"access_token":"later","expires_in":3600})");
  advance(59min);
  const auto later = ask(0);
  advance(2s);
  EXPECT_EQ(*later, "later") << "a minute before the former one ends";
}

TEST_F(token_sharing_test, NodesOfOneClientMayAskAtOnceAndShareWhatIsStored) {
  clients(3);
  answer(200, R"({"access_token":"given","expires_in":3600})", 1s, 3);
  const auto a = ask(0), b = ask(1);
  advance(3s);
  const auto c = ask(2);
  advance(3s);
  for (const auto& each : {a, b, c})
    EXPECT_EQ(*each, "given");
  EXPECT_EQ(slow.requests().size(), 2u) << "the third finds it stored";
}

TEST_F(token_sharing_test, ARefusedClientAsksNobodyForConsentAndIsHeardAgain) {
  clients(1);
  answer(401, R"({"error":"invalid_client"})");
  const auto got = ask(0);
  advance(3s);
  EXPECT_EQ(*got, "bad_configuration");
  EXPECT_NE(status(), integration_status::requires_reauth);
  answer(200, R"({"access_token":"given"})");
  const auto again = ask(0);
  advance(3s);
  EXPECT_EQ(*again, "given");
}

TEST_F(token_sharing_test, AProviderThatGivesNoBetterTokenIsAskedOnceForEachThatIsWanted) {
  clients(1);
  answer(200, R"({"access_token":"short","expires_in":30})");
  const auto got = ask(0);
  advance(3s);
  EXPECT_EQ(*got, "short") << "it ends within the margin";
  answer(200, R"({"access_token":"short","expires_in":30})");
  const auto same = ask(0, "short");
  advance(3s);
  EXPECT_EQ(*same, "short");
  EXPECT_EQ(slow.requests().size(), 2u);
}

TEST_F(token_sharing_test, ATokenThatCannotBeStoredIsAskedForOnce) {
  clients(0);
  id = {4711}; // there is none
  nodes.push_back(keeper());
  answer(200, R"({"access_token":"given","expires_in":3600})", 1s, 5);
  const auto got = ask(0);
  advance(10s);
  EXPECT_EQ(*got, "not_found");
  EXPECT_EQ(slow.requests().size(), 1u);
}

} // namespace penstock::actors::testing
