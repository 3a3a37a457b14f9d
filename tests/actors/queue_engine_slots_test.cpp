// What may stand beside what: groups, suspects, cancelled jobs, and claims that were not stored.
#include "core/id_generator.hpp"
#include "tests/actors/queue_engine_fixture.hpp"

namespace penstock::actors {
namespace {

using namespace std::chrono_literals;

class queue_slots : public queue_engine_test {
protected:
  ready_job grouped(std::int64_t id, const std::string& group) {
    auto made = job(id);
    made.group_key = "o/c/" + group;
    made.in_order = true;
    return made;
  }
  std::vector<std::int64_t> started() const {
    std::vector<std::int64_t> ids;
    for (const auto& call : effects.starts)
      for (const auto& each : call.jobs)
        ids.push_back(each.id.value);
    return ids;
  }
  using ids = std::vector<std::int64_t>;
};

} // namespace

TEST_F(queue_slots, NothingIsReadBeforeTheStoreKnowsOfTheQueue) {
  queue_rules rules;
  rules.name = "default";
  aut.emplace(rules, kinds, clock, random, effects);
  aut->wake();
  aut->hold(false);
  EXPECT_TRUE(effects.refills.empty()) << "a job that is stored now would be told to nobody";
  aut->jobs_ready({});
  EXPECT_EQ(effects.refills.size(), 1u);
}

TEST_F(queue_slots, JobOfAGroupWaitsForTheOneThatRunsAlsoIfItStandsBeforeIt) {
  make(2).jobs_ready({grouped(5, "g")});
  acknowledge();
  aut->jobs_ready({grouped(1, "g"), grouped(2, "other")}); // a person retries the older one
  acknowledge();
  EXPECT_EQ(started(), (ids{5, 2}));
  finish(0);
  acknowledge();
  acknowledge();
  EXPECT_EQ(started(), (ids{5, 2, 1}));
}

TEST_F(queue_slots, JobThatWaitsForItsGroupCanBeCancelled) {
  make(2).jobs_ready({grouped(5, "g")});
  acknowledge();
  aut->jobs_ready({grouped(1, "g")});
  aut->cancel(job_id{1}, "no need", true);
  finish(0);
  acknowledge();
  EXPECT_EQ(started(), ids{5});
  EXPECT_TRUE(aut->quiet());
}

TEST_F(queue_slots, OnlyTheCancelledOfBriefJobsThatRunTogetherIsCancelled) {
  make(1).jobs_ready({job(1, "brief"), job(2, "brief"), job(3, "brief")});
  acknowledge();
  aut->cancel(job_id{2}, "not needed");
  EXPECT_TRUE(effects.stops.empty());
  finish(0);
  EXPECT_EQ(end_of(1, 0).outcome, attempt_outcome::succeeded);
  EXPECT_EQ(end_of(1, 1).outcome, attempt_outcome::cancelled);
  EXPECT_EQ(end_of(1, 1).failure->message, "not needed");
  EXPECT_EQ(end_of(1, 2).outcome, attempt_outcome::succeeded);
}

TEST_F(queue_slots, JobCancelledBeforeItsClaimIsDurableNeverStarts) {
  make(1).jobs_ready({job(1)});
  aut->cancel(job_id{1});
  acknowledge();
  EXPECT_TRUE(effects.starts.empty());
  ASSERT_EQ(effects.commits.size(), 2u);
  EXPECT_EQ(end_of(1).outcome, attempt_outcome::cancelled);
  acknowledge();
  EXPECT_TRUE(aut->quiet());
}

TEST_F(queue_slots, JobClaimedWithTheEndOfAnotherAndCancelledMeanwhileNeverStarts) {
  make(1).jobs_ready({job(1), job(2), job(3)});
  acknowledge();
  finish(0);
  aut->cancel(job_id{2});
  acknowledge();
  EXPECT_EQ(end_of(2).outcome, attempt_outcome::cancelled);
  acknowledge();
  EXPECT_EQ(started(), (ids{1, 3}));
}

TEST_F(queue_slots, SuspectWaitsUntilNoSlotWorks) {
  make(2).jobs_ready({job(1)});
  acknowledge();
  aut->hold(true);
  aut->run_suspect(job(9));
  EXPECT_EQ(effects.commits.size(), 1u) << "not claimed yet";
  finish(0);
  acknowledge();
  ASSERT_EQ(effects.commits.size(), 3u);
  EXPECT_TRUE(effects.commits[2].claims.at(0).alone);
  acknowledge();
  EXPECT_EQ(started(), (ids{1, 9}));
}

TEST_F(queue_slots, SuspectWhoseEndIsRefusedIsASuspectNoMore) {
  make(1).hold(true);
  aut->run_suspect(job(9));
  acknowledge();
  finish(0);
  refuse({error_code::conflict, "page 3 comes first"});
  const auto& again = effects.commits.at(2).units.at(0);
  ASSERT_EQ(again.changes.size(), 1u);
  EXPECT_EQ(std::get<clear_suspect>(again.changes[0]).id, job_id{9});
  acknowledge();
  EXPECT_EQ(effects.suspects_done, std::vector{job_id{9}});
}

TEST_F(queue_slots, ClaimThatWasNotStoredIsWrittenBeforeItsJobsStart) {
  make(1).jobs_ready({job(1), job(2)});
  acknowledge();
  finish(0);
  commit_answer answer;
  answer.token = effects.commits.at(1).token;
  answer.units.resize(1);
  answer.claims_failed = error{error_code::storage_full, "no room"};
  ++answered;
  aut->committed(answer);
  EXPECT_EQ(started(), ids{1});
  ASSERT_EQ(effects.commits.size(), 3u);
  EXPECT_EQ(effects.commits[2].claims.at(0).jobs, std::vector{job_id{2}});
  acknowledge();
  EXPECT_EQ(started(), (ids{1, 2}));
}

TEST_F(queue_slots, HandlerLeftBehindIsCountedUntilItReturns) {
  make(1).jobs_ready({job(1)});
  acknowledge();
  clock.advance(10s);
  aut->wake();
  EXPECT_EQ(aut->state().stuck_workers, 1u);
  finish(0);
  EXPECT_EQ(aut->state().stuck_workers, 0u);
}

TEST_F(queue_slots, ConflictThatLastsIsTriedLessAndLessOften) {
  auto old = job(id_generator(clock, 1).make<job_id>().value);
  clock.advance(8s);
  make(1).jobs_ready({old});
  acknowledge();
  finish(0, error{error_code::conflict, "page 3 comes first"});
  EXPECT_EQ(end_of(1).outcome, attempt_outcome::postponed);
  EXPECT_GE(end_of(1).run_again_at, clock.now() + 900ms);
  EXPECT_LE(end_of(1).run_again_at, clock.now() + 30s);
}

} // namespace penstock::actors
