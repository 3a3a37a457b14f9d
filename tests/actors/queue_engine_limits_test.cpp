// Limiter, budgets and blocks, as the queue's commits show them.
#include "core/id_generator.hpp"
#include "tests/actors/queue_engine_fixture.hpp"

namespace penstock::actors {
namespace {

using namespace std::chrono_literals;

class queue_limits : public queue_engine_test {
protected:
  queue_limits() {
    auto call = job_kind::fetch("call");
    call.budget = token_rate{1, 1, 1s};
    kinds.add(call);
    auto paused = job_kind::fetch("paused");
    paused.pause_after = call_pause{2, 1s};
    kinds.add(paused);
  }
  void make_limited(std::uint16_t concurrency, token_rate limit) {
    queue_rules rules;
    rules.name = "default";
    rules.concurrency = concurrency;
    rules.limit = limit;
    aut.emplace(rules, kinds, clock, random, effects);
    aut->jobs_ready({});
    aut->refilled({}, false, no_time);
    storage::lane_window none;
    none.searched_all = true;
    aut->lanes_refilled(std::move(none));
  }
  ready_job grouped(std::int64_t id, const std::string& group, const std::string& kind = "call") {
    auto made = job(id, kind);
    made.group_key = group;
    return made;
  }
  std::vector<std::int64_t> started() const {
    std::vector<std::int64_t> ids;
    for (const auto& call : effects.starts)
      for (const auto& each : call.jobs)
        ids.push_back(each.id.value);
    return ids;
  }
  /// All changes of a kind that were asked to be committed.
  template <class Change>
  std::vector<Change> changes() const {
    std::vector<Change> found;
    for (const auto& call : effects.commits)
      for (const auto& unit : call.units)
        for (const auto& each : unit.changes)
          if (const auto* change = std::get_if<Change>(&each))
            found.push_back(*change);
    return found;
  }
  using ids = std::vector<std::int64_t>;
};

} // namespace

TEST_F(queue_limits, JobsStartAsFastAsTheLimiterLetsThem) {
  make_limited(4, {1, 10, 1s});
  std::vector<ready_job> many;
  for (int i = 1; i <= 5; ++i)
    many.push_back(job(i));
  aut->jobs_ready(many);
  EXPECT_TRUE(effects.commits.empty()) << "no burst at the start";
  EXPECT_EQ(aut->next_wake(), clock.now() + 100ms);
  for (int i = 1; i <= 3; ++i) {
    clock.advance(100ms);
    aut->wake();
    acknowledge();
    EXPECT_EQ(effects.starts.size(), static_cast<std::size_t>(i));
  }
  const auto spent = changes<spend_tokens>();
  ASSERT_EQ(spent.size(), 3u);
  EXPECT_EQ(spent[0].name, "queue default");
  EXPECT_EQ(spent[0].tokens, 1);
  EXPECT_EQ(effects.commits[0].claims.size(), 1u) << "tokens are spent in the commit that claims";
}

TEST_F(queue_limits, AHandOverOfBriefJobsIsNoLargerThanTheLimiterAllows) {
  make_limited(1, {3, 10, 1s});
  std::vector<ready_job> many;
  for (int i = 1; i <= 10; ++i)
    many.push_back(job(i, "brief"));
  clock.advance(1s);
  aut->jobs_ready(many);
  ASSERT_EQ(effects.commits.size(), 1u);
  EXPECT_EQ(effects.commits[0].claims.at(0).jobs.size(), 3u);
}

TEST_F(queue_limits, WhatOtherNodesSpentMakesItWait) {
  make_limited(1, {1, 10, 1s});
  clock.advance(100ms);
  aut->jobs_ready({job(1), job(2)});
  ASSERT_EQ(effects.commits.size(), 1u);
  commit_answer answer;
  answer.token = effects.commits[answered++].token;
  answer.units.resize(1);
  answer.units[0].created = {-1'000'000, clock.now().time_since_epoch().count(), 0}; // a token of debt
  aut->committed(answer);
  finish(0);
  acknowledge();
  EXPECT_EQ(aut->next_wake(), clock.now() + 200ms);
}

TEST_F(queue_limits, AClaimThatWasNotStoredBesideItsTokensIsAskedAgain) {
  make_limited(1, {1, 10, 1s});
  clock.advance(100ms);
  aut->jobs_ready({job(1)});
  commit_answer answer;
  answer.token = effects.commits.at(answered++).token;
  answer.units.resize(1);
  answer.claims_failed = error{error_code::storage_busy, "busy"};
  aut->committed(answer);
  EXPECT_TRUE(effects.starts.empty());
  ASSERT_EQ(effects.commits.size(), 2u);
  EXPECT_TRUE(effects.commits[1].units.empty()) << "the tokens are spent already";
  acknowledge();
  EXPECT_EQ(started(), ids{1});
}

TEST_F(queue_limits, AnEmptyBudgetHoldsBackItsCredentialAlone) {
  make(3).jobs_ready({grouped(1, "7/12"), grouped(2, "7/12"), grouped(3, "7/13")});
  acknowledge();
  acknowledge();
  EXPECT_EQ(started(), (ids{1, 3}));
  EXPECT_EQ(aut->next_wake(), clock.now() + 1s);
  clock.advance(1s);
  aut->wake();
  acknowledge();
  EXPECT_EQ(started(), (ids{1, 3, 2}));
}

TEST_F(queue_limits, AProviderThatWantsAPauseIsHeardAtOnce) {
  make(1).jobs_ready({grouped(1, "7/12", "fetch"), grouped(2, "7/12", "fetch"), grouped(3, "7/13", "fetch")});
  acknowledge();
  aut->held_off({effects.starts[0].turn, job_id{1}, 60s});
  const auto blocks = changes<block_group>();
  ASSERT_EQ(blocks.size(), 1u);
  EXPECT_EQ(blocks[0].prefix, "7/12");
  EXPECT_EQ(blocks[0].until, clock.now() + 60s);
  acknowledge();
  finish(0);
  acknowledge();
  EXPECT_EQ(started(), (ids{1, 3}));
  finish(1);
  acknowledge();
  clock.advance(60s);
  aut->wake();
  acknowledge();
  EXPECT_EQ(started(), (ids{1, 3, 2}));
}

TEST_F(queue_limits, ABlockOfAnotherNodeHoldsHereToo) {
  make(1).groups_blocked({{"7/12", clock.now() + 60s}});
  aut->jobs_ready({grouped(1, "7/12", "fetch")});
  EXPECT_TRUE(effects.commits.empty());
  EXPECT_EQ(aut->next_wake(), clock.now() + 60s);
}

TEST_F(queue_limits, A429ThatEndsAnAttemptBlocksItsCredentialInTheSameCommit) {
  const auto made_now = id_generator(clock, 1).make<job_id>().value; // an old one would pay with an attempt
  make(1).jobs_ready({grouped(made_now, "7/12", "fetch"), grouped(made_now + 1, "7/12", "fetch")});
  acknowledge();
  finish(0, error{error_code::rate_limited, "too many", 90s});
  EXPECT_EQ(end_of(1).outcome, attempt_outcome::postponed);
  const auto blocks = changes<block_group>();
  ASSERT_EQ(blocks.size(), 1u);
  EXPECT_EQ(blocks[0].until, clock.now() + 90s);
  EXPECT_TRUE(effects.commits.at(1).claims.at(0).jobs.empty()) << "the next of it is not claimed";
}

TEST_F(queue_limits, CallsAreCountedBeforeTheNextJobOfTheCredentialStarts) {
  auto first = grouped(1, "7/12", "paused"), second = grouped(2, "7/12", "paused");
  first.run = second.run = run_id{9};
  make(2).jobs_ready({first});
  acknowledge();
  aut->jobs_ready({second});
  acknowledge();
  actors::work_done done{effects.starts[0].turn, {}};
  done.results.resize(1);
  done.results[0].unit.exchanges.resize(2);
  aut->work_done(done);
  const auto counted = changes<count_calls>();
  ASSERT_EQ(counted.size(), 1u);
  EXPECT_EQ(counted[0].calls, 2);
  EXPECT_EQ(counted[0].run, run_id{9});
  aut->jobs_ready({grouped(3, "7/12", "paused")});
  EXPECT_EQ(effects.commits.size(), 3u) << "nothing is claimed while calls are being counted";
  aut->groups_blocked({{"7/12", clock.now() + 1s}});
  acknowledge();
  EXPECT_EQ(started(), (ids{1, 2}));
  clock.advance(1s);
  aut->wake();
  acknowledge();
  EXPECT_EQ(started(), (ids{1, 2, 3}));
}

TEST_F(queue_limits, ASuspectThatIsCancelledWhileItWaitsForFreeSlotsNeverRuns) {
  make(2).jobs_ready({job(1)});
  acknowledge();
  aut->hold(true);
  aut->run_suspect(job(9));
  aut->cancel(job_id{9}, "no need", true);
  EXPECT_EQ(effects.suspects_done, std::vector{job_id{9}});
  EXPECT_EQ(changes<clear_suspect>().size(), 1u);
  acknowledge();
  finish(0);
  acknowledge();
  EXPECT_EQ(started(), ids{1});
  EXPECT_TRUE(aut->quiet());
}

TEST_F(queue_limits, OneJobOfAPausedQueueRunsByHand) {
  make(1).pause(true);
  aut->jobs_ready({job(1), job(2)});
  EXPECT_EQ(aut->run_one(), job_id{1});
  EXPECT_EQ(aut->run_one(), job_id{}) << "all slots work";
  acknowledge();
  finish(0);
  acknowledge();
  EXPECT_EQ(started(), ids{1});
}

TEST_F(queue_limits, AQueuesOwnBackoffStandsForJobsThatNameNone) {
  queue_rules rules;
  rules.name = "default";
  rules.concurrency = 2;
  rules.backoff = backoff_policy::fixed(7s);
  aut.emplace(rules, kinds, clock, random, effects);
  aut->jobs_ready({});
  aut->refilled({}, false, no_time);
  auto own = job(2);
  own.backoff = backoff_policy::fixed(9s);
  own.max_attempts = 3;
  auto plain = job(1);
  plain.max_attempts = 3;
  aut->jobs_ready({plain, own});
  acknowledge();
  acknowledge();
  finish(0, error{error_code::network, "reset"});
  finish(1, error{error_code::network, "reset"});
  EXPECT_EQ(end_of(2).run_again_at, clock.now() + 7s) << "the queue's";
  EXPECT_EQ(end_of(3).run_again_at, clock.now() + 9s) << "its own";
}

TEST_F(queue_limits, CallsOutsideARunAreCountedTogether) {
  make(1).jobs_ready({grouped(1, "7/12", "paused")});
  acknowledge();
  actors::work_done done{effects.starts[0].turn, {}};
  done.results.resize(1);
  done.results[0].unit.exchanges.resize(1);
  aut->work_done(done);
  const auto counted = changes<count_calls>();
  ASSERT_EQ(counted.size(), 1u);
  EXPECT_EQ(counted[0].run, run_id{});
}

TEST_F(queue_limits, AQueuesOwnAttemptsAndTimeoutStandForJobsThatNameNone) {
  queue_rules rules;
  rules.name = "default";
  rules.concurrency = 2;
  rules.max_attempts = 1;
  rules.timeout = 3s;
  aut.emplace(rules, kinds, clock, random, effects);
  aut->jobs_ready({});
  aut->refilled({}, false, no_time);
  auto own = job(2);
  own.max_attempts = 5;
  own.timeout = 7s;
  aut->jobs_ready({job(1), own});
  acknowledge();
  EXPECT_EQ(aut->next_wake(), clock.now() + 3s);
  acknowledge();
  finish(0, error{error_code::network, "reset"});
  EXPECT_EQ(end_of(2).outcome, attempt_outcome::failed);
  finish(1, error{error_code::network, "reset"});
  EXPECT_EQ(end_of(3).outcome, attempt_outcome::retry);
}

} // namespace penstock::actors
