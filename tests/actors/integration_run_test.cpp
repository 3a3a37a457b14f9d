#include "core/id_text.hpp"
#include "tests/actors/deterministic_engine.hpp"

#include <caf/send.hpp>

namespace penstock::actors::testing {

using namespace std::chrono_literals;

class integration_run_test : public deterministic_engine {
protected:
  integration_id add(duration frequency = 15min, std::string name = "mine") {
    unit_of_work unit;
    integration account;
    account.service = "test";
    account.name = std::move(name);
    account.schedule.frequency = frequency;
    unit.changes.push_back(add_integration{account});
    auto answer = commit(std::move(unit));
    return answer ? integration_id{answer->created.at(0)} : integration_id{};
  }

  void authorise(integration_id id, duration lifetime = 6h) {
    credential tokens;
    tokens.access_token = "access-1";
    tokens.refresh_token = "refresh-1";
    tokens.access_expires_at = clock.now() + lifetime;
    std::optional<result<void>> done;
    caf::anon_send(aut->handles().integrations,
                   install_tokens{id, tokens, [&done](result<void> answer) { done = answer; }});
    settle();
    ASSERT_TRUE(done && done->has_value());
  }

  result<enqueued> fetch(integration_id id, bool force = true, bool dry_run = false) {
    std::optional<result<enqueued>> answer;
    caf::anon_send(
      aut->handles().integrations,
      fetch_integration{id, force, "test", dry_run, [&answer](result<enqueued> given) { answer = given; }});
    settle();
    return answer.value_or(failure(error_code::internal, "no answer"));
  }

  integration account(integration_id id) { return db().integrations().find(id).value_or(integration{}); }
};

TEST_F(integration_run_test, FetchedPageIsProcessedAndTheRunCompletes) {
  start();
  const auto id = add();
  authorise(id);
  provider.reply("GET", "/page", 200, "hello");
  ASSERT_TRUE(fetch(id));
  EXPECT_EQ(ran, std::vector<std::string>{"page hello"});
  EXPECT_EQ(account(id).schedule.status, integration_status::idle);
  EXPECT_EQ(account(id).schedule.last_successful_update_at, clock.now());
  const auto runs = db().integrations().runs(id, {});
  ASSERT_TRUE(runs);
  ASSERT_EQ(runs->items.size(), 1u);
  EXPECT_EQ(runs->items[0].state, run_state::completed);
  EXPECT_EQ(provider.requests().at(0).headers.find("Authorization").value_or(""), "Bearer access-1");
}

TEST_F(integration_run_test, WhatTheFirstJobHearsHoldsItsIntegrationAlsoWhereItNamesNoGroup) {
  start();
  const auto id = add(15min, "ungrouped"), other = add(15min, "another");
  authorise(id);
  authorise(other);
  const net::http_response last_one{200, {{"RateLimit-Remaining", "0"}, {"RateLimit-Reset", "2400"}}, "x"};
  provider.expect({"GET", "/page", last_one, duration{0}, {}, 1});
  provider.expect({"GET", "/page", net::http_response{200, {}, "y"}, duration{0}, {}, 0});
  ASSERT_TRUE(fetch(id));
  ASSERT_EQ(ran.size(), 1u);
  ASSERT_TRUE(fetch(id));
  EXPECT_EQ(ran.size(), 1u) << "its provider wants to be left alone";
  ASSERT_TRUE(fetch(other));
  EXPECT_EQ(ran.size(), 2u) << "that of another has nothing to do with it";
}

TEST_F(integration_run_test, DueIntegrationIsFetchedByTheCheckAlone) {
  start();
  const auto id = add();
  authorise(id);
  provider.expect({"GET", "/page", net::http_response{200, {}, "x"}, duration{0}, {}, 0});
  advance(31s);
  EXPECT_EQ(ran.size(), 1u);
  advance(15min + 30s);
  EXPECT_EQ(ran.size(), 2u);
}

TEST_F(integration_run_test, SecondFetchOfARunningIntegrationAnswersWithItsJob) {
  start();
  const auto id = add();
  authorise(id);
  provider.expect({"GET", "/page", net::http_response{200, {}, "x"}, duration{0}, {}, 0});
  std::vector<enqueued> answers;
  for (int i = 0; i < 2; ++i)
    caf::anon_send(aut->handles().integrations, fetch_integration{id, true, "test", false, [&](result<enqueued> given) {
                                                                    if (given)
                                                                      answers.push_back(*given);
                                                                  }});
  settle();
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0].id, answers[1].id);
  EXPECT_EQ(ran.size(), 1u);
}

TEST_F(integration_run_test, FailedFetchRetriesAndThenWaitsLongerEachTime) {
  start();
  const auto id = add();
  authorise(id);
  provider.expect({"GET", "/page", net::http_response{404, {}, ""}, duration{0}, {}, 0});
  ASSERT_TRUE(fetch(id));
  advance(30s);
  EXPECT_EQ(account(id).schedule.status, integration_status::failed);
  EXPECT_EQ(account(id).schedule.consecutive_failures, 1);
  EXPECT_GE(account(id).schedule.next_due_at, clock.now() + 29min);
}

TEST_F(integration_run_test, ExpiredTokenIsRefreshedOnceForAllWhoWait) {
  start();
  const auto id = add();
  authorise(id, 10s); // ends within the keeper's margin
  provider.reply("POST", "/token", 200,
                 R"({"access_token":"access-2","refresh_token":"refresh-2","expires_in":21600,"token_type":"Bearer"})");
  std::vector<std::string> tokens;
  for (int i = 0; i < 20; ++i)
    caf::anon_send(aut->handles().integrations, token_query{id, {}, [&tokens](result<std::string> given) {
                                                              tokens.push_back(given.value_or("refused"));
                                                            }});
  settle();
  EXPECT_EQ(tokens, std::vector<std::string>(20, "access-2"));
  EXPECT_EQ(provider.requests().size(), 1u);
}

TEST_F(integration_run_test, JobUsesTheTokenOfAnIntegrationThatItsArgsName) {
  start();
  const auto lender = add();
  authorise(lender, 10min);
  enqueue("test.borrow", R"({"integration":")" + to_string(lender) + R"("})");
  EXPECT_EQ(ran, std::vector<std::string>{"token access-1"});
  const auto nobody = enqueue("test.borrow", R"({"integration":"123"})");
  EXPECT_EQ(job(nobody.id).state, job_state::failed);
  ASSERT_FALSE(job(nobody.id).errors.empty());
}

TEST_F(integration_run_test, RotatedTokensAreDurableBeforeAnybodyGetsThem) {
  start();
  const auto id = add();
  authorise(id, 10s);
  provider.reply("POST", "/token", 200,
                 R"({"access_token":"access-2","refresh_token":"refresh-2","expires_in":21600,"token_type":"Bearer"})");
  bool busy = true;
  fault = [&busy](std::string_view call) -> std::optional<error> {
    if (busy && call == "commit")
      return error{error_code::storage_busy, "database is locked"};
    return std::nullopt;
  };
  std::string got;
  caf::anon_send(aut->handles().integrations,
                 token_query{id, {}, [&got](result<std::string> given) { got = given.value_or("refused"); }});
  advance(2s);
  EXPECT_EQ(got, "");
  busy = false;
  advance(1s);
  EXPECT_EQ(got, "access-2");
  const auto stored = db().integrations().credential_of(id);
  ASSERT_TRUE(stored && *stored);
  EXPECT_EQ((*stored)->refresh_token, "refresh-2");
}

TEST_F(integration_run_test, SpentRefreshTokenAsksForAPersonAndNeverLoops) {
  start();
  const auto id = add();
  authorise(id, 10s);
  provider.reply("POST", "/token", 400, R"({"code":"bad_request.refresh_token.evicted","message":"evicted"})");
  ASSERT_TRUE(fetch(id));
  advance(10min);
  EXPECT_EQ(account(id).schedule.status, integration_status::requires_reauth);
  std::size_t refreshes = 0;
  for (const auto& request : provider.requests())
    refreshes += request.url.find("/token") != std::string::npos ? 1 : 0;
  EXPECT_EQ(refreshes, 1u);
}

TEST_F(integration_run_test, LostConsentIsToldOnceAndNobodyIsAskedUntilItIsGivenAgain) {
  start();
  const auto id = add();
  authorise(id, 10s);
  const auto told = [this](const std::string& type) {
    const auto all = event_types();
    return std::count(all.begin(), all.end(), type);
  };
  const auto connected_before = told("integration.connected");
  provider.reply("POST", "/token", 400, R"({"code":"bad_request.refresh_token.evicted","message":"evicted"})");
  advance(24h); // the due check looks every 30 s
  EXPECT_EQ(account(id).schedule.status, integration_status::requires_reauth);
  EXPECT_EQ(told("integration.requires_reauth"), 1);
  EXPECT_EQ(told("integration.failed"), 0) << "that is another alert for the same fault";
  EXPECT_EQ(provider.requests().size(), 1u) << "the refresh that was refused, and nothing after it";
  EXPECT_FALSE(fetch(id)) << "not even by force";

  authorise(id);
  provider.expect({"GET", "/page", net::http_response{200, {}, "x"}, duration{0}, {}, 0});
  advance(1h);
  EXPECT_EQ(account(id).schedule.status, integration_status::idle);
  EXPECT_EQ(told("integration.connected"), connected_before + 1);
  EXPECT_EQ(told("integration.requires_reauth"), 1);
  EXPECT_GE(told("integration.updated"), 1);
}

TEST_F(integration_run_test, IntegrationWithoutAFrequencyIsFetchedByJobsThatNameIt) {
  start();
  const auto id = add(0s);
  authorise(id);
  provider.expect({"GET", "/page", net::http_response{200, {}, "x"}, duration{0}, {}, 0});
  advance(1h);
  EXPECT_TRUE(ran.empty()) << "nothing fetches it by itself";
  const auto args = R"({"integration_id":")" + to_string(id) + R"("})";
  const auto asked = enqueue("integrations.fetch", args);
  settle();
  EXPECT_EQ(ran.size(), 1u);
  const auto done = job(asked.id);
  EXPECT_EQ(done.state, job_state::completed);
  EXPECT_NE(done.result.find(R"("started":true,"job_id":)"), std::string::npos) << done.result;
  EXPECT_EQ(db().integrations().runs(id, {})->items.at(0).triggered_by, "job:" + to_string(asked.id));
}

TEST_F(integration_run_test, FetchThatMayNotStartNowIsNoFailureOfItsJob) {
  start();
  const auto id = add(15min);
  const auto args = R"({"integration_id":")" + to_string(id) + R"("})";
  unit_of_work unit;
  unit.changes.push_back(act_on_integration{id, integration_action::pause, {}});
  ASSERT_TRUE(commit(std::move(unit)));
  const auto paused = enqueue("integrations.fetch", args);
  settle();
  EXPECT_EQ(job(paused.id).state, job_state::completed);
  EXPECT_NE(job(paused.id).result.find("integration that is paused"), std::string::npos) << job(paused.id).result;
  const auto unknown = enqueue("integrations.fetch", R"({"integration_id":"12"})");
  const auto wrong = enqueue("integrations.fetch", R"({"integration":"12"})");
  settle();
  EXPECT_EQ(job(unknown.id).state, job_state::failed);
  EXPECT_EQ(job(wrong.id).state, job_state::failed);
  EXPECT_NE(job(wrong.id).errors.at(0).message.find("integrations.fetch"), std::string::npos);
}

TEST_F(integration_run_test, RefreshThatDiedBeforeItsCommitLeavesAConnectionThatSaysSo) {
  start();
  const auto id = add();
  authorise(id, 10s);
  provider.reply("POST", "/token", 200,
                 R"({"access_token":"access-2","refresh_token":"refresh-2","expires_in":21600,"token_type":"Bearer"})");
  fault = [](std::string_view call) -> std::optional<error> {
    if (call == "commit")
      return error{error_code::storage_busy, "database is locked"};
    return std::nullopt;
  };
  caf::anon_send(aut->handles().integrations, token_query{id, {}, [](const result<std::string>&) {}});
  advance(1s);
  kill(); // the provider has rotated, and the new pair is gone
  start();
  provider.reply("POST", "/token", 400, R"({"code":"bad_request.refresh_token.invalid","message":"spent"})");
  ASSERT_TRUE(fetch(id));
  advance(1min);
  EXPECT_EQ(account(id).schedule.status, integration_status::requires_reauth);
}

TEST_F(integration_run_test, ProviderThatFailsAllDayIsAskedEverMoreRarelyAndToldOnce) {
  start();
  const auto id = add(15min);
  authorise(id);
  bool down = true;
  const auto is_down = [&down](const net::http_request&) { return down; };
  provider.expect({"GET", "/page", net::http_response{500, {}, ""}, duration{0}, is_down, 0});
  provider.expect({"GET", "/page", net::http_response{200, {}, "x"}, duration{0}, {}, 0});
  const auto since = [this](const std::string& type) {
    const auto all = event_types();
    return std::count(all.begin(), all.end(), type);
  };
  std::vector<timestamp> tries;
  const auto midnight = clock.now();
  std::size_t runs_before = 0;
  while (clock.now() < midnight + 24h) {
    advance(1min);
    const auto runs = db().integrations().runs(id, {.limit = 200});
    ASSERT_TRUE(runs);
    if (runs->items.size() > runs_before)
      tries.push_back(runs->items.front().started_at);
    runs_before = runs->items.size();
  }
  EXPECT_EQ(since("integration.failed"), 1);
  EXPECT_EQ(since("integration.recovered"), 0);
  EXPECT_EQ(account(id).schedule.status, integration_status::failed);
  EXPECT_EQ(account(id).schedule.consecutive_failures, std::ssize(tries));
  // After the n-th failure 15 minutes x 2^n, at most a day: 30 min, 1 h, 2 h, 4 h, 8 h, and the sixth ends beyond.
  ASSERT_EQ(tries.size(), 6u);
  for (std::size_t n = 1; n < tries.size(); ++n) {
    const auto wait = failure_wait(15min, static_cast<int>(n));
    EXPECT_GE(tries[n] - tries[n - 1], wait) << n;
    EXPECT_LE(tries[n] - tries[n - 1], wait + 2min) << n;
  }

  down = false;
  for (int hours = 0; hours < 24 && account(id).schedule.status == integration_status::failed; ++hours)
    advance(1h);
  advance(1h); // a second success is no second recovery
  EXPECT_EQ(account(id).schedule.status, integration_status::idle);
  EXPECT_EQ(account(id).schedule.consecutive_failures, 0);
  EXPECT_EQ(account(id).last_error, "");
  EXPECT_EQ(since("integration.failed"), 1);
  EXPECT_EQ(since("integration.recovered"), 1);
}

TEST_F(integration_run_test, ConnectedIsSaidWhenConsentIsGiven) {
  start();
  integration waiting;
  waiting.service = "test";
  waiting.name = "mine";
  waiting.schedule.status = integration_status::paused;
  unit_of_work unit;
  unit.changes.push_back(add_integration{waiting});
  const auto added = commit(std::move(unit));
  ASSERT_TRUE(added);
  EXPECT_TRUE(event_types().empty());
  authorise({added->created.at(0)});
  EXPECT_EQ(event_types(), std::vector<std::string>{"integration.connected"});
}

TEST_F(integration_run_test, DryRunAsksForEveryPageAndChangesNothingOfTheIntegration) {
  start();
  const auto id = add();
  authorise(id, 10s); // the token is refreshed on the way, and that is kept
  const auto before = account(id);
  provider.reply("POST", "/token", 200,
                 R"({"access_token":"access-2","refresh_token":"refresh-2","expires_in":21600,"token_type":"Bearer"})");
  provider.reply("GET", "/page", 200, "hello");
  const auto events_before = event_types();
  ASSERT_TRUE(fetch(id, true, true));
  EXPECT_EQ(ran, std::vector<std::string>{"page hello"});
  const auto after = account(id);
  EXPECT_EQ(after.schedule, before.schedule);
  EXPECT_FALSE(after.live_run);
  EXPECT_EQ(event_types(), events_before);
  const auto runs = db().integrations().runs(id, {});
  ASSERT_EQ(runs->items.size(), 1u);
  EXPECT_TRUE(runs->items[0].dry);
  EXPECT_EQ(runs->items[0].state, run_state::completed);
  EXPECT_EQ((*db().integrations().credential_of(id))->access_token, "access-2");
}

TEST_F(integration_run_test, DryRunThatFailsLeavesTheIntegrationAsItWas) {
  start();
  const auto id = add();
  authorise(id);
  const auto before = account(id);
  provider.expect({"GET", "/page", net::http_response{404, {}, ""}, duration{0}, {}, 0});
  ASSERT_TRUE(fetch(id, true, true));
  advance(25s);
  EXPECT_EQ(account(id).schedule, before.schedule);
  EXPECT_EQ(account(id).last_error, "");
  EXPECT_EQ(db().integrations().runs(id, {})->items.at(0).state, run_state::failed);
}

TEST_F(integration_run_test, DryRunStartsNothingBesideARunAndNoRunBesideIt) {
  start();
  const auto id = add();
  authorise(id);
  provider.expect({"GET", "/page", net::http_response{200, {}, "x"}, duration{0}, {}, 0});
  std::vector<std::string> answers;
  const auto ask = [&](bool dry) {
    caf::anon_send(aut->handles().integrations,
                   fetch_integration{id, true, "test", dry, [&](const result<enqueued>& given) {
                                       answers.push_back(given ? "started"
                                                               : std::string(to_string(given.error().code)));
                                     }});
  };
  ask(true);
  ask(true);
  ask(false);
  settle();
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_EQ(std::count(answers.begin(), answers.end(), "started"), 1) << answers[0] << answers[1] << answers[2];
  EXPECT_EQ(std::count(answers.begin(), answers.end(), "conflict"), 2);
  EXPECT_EQ(ran.size(), 1u);
}

} // namespace penstock::actors::testing
