#include "tests/actors/queue_engine_fixture.hpp"

namespace penstock::actors {

using namespace std::chrono_literals;

TEST_F(queue_engine_test, HandlerStartsOnlyAfterItsClaimIsDurable) {
  make().jobs_ready({job(1)});
  ASSERT_EQ(effects.commits.size(), 1u);
  EXPECT_EQ(effects.commits[0].claims.at(0).jobs, std::vector{job_id{1}});
  EXPECT_TRUE(effects.starts.empty());
  acknowledge();
  ASSERT_EQ(effects.starts.size(), 1u);
  EXPECT_EQ(effects.starts[0].jobs.at(0).id, job_id{1});
}

TEST_F(queue_engine_test, EndOfAJobIsCommittedWithTheClaimOfTheNext) {
  make(1).jobs_ready({job(1), job(2)});
  acknowledge();
  finish(0);
  ASSERT_EQ(effects.commits.size(), 2u);
  EXPECT_EQ(end_of(1).outcome, attempt_outcome::succeeded);
  EXPECT_EQ(effects.commits[1].claims.at(0).jobs, std::vector{job_id{2}});
  EXPECT_EQ(effects.starts.size(), 1u);
  acknowledge();
  EXPECT_EQ(effects.starts.at(1).jobs.at(0).id, job_id{2});
}

TEST_F(queue_engine_test, LastJobOfASlotFreesItsRecord) {
  make(1).jobs_ready({job(1)});
  acknowledge();
  finish(0);
  EXPECT_TRUE(effects.commits.at(1).claims.at(0).jobs.empty());
}

TEST_F(queue_engine_test, JobsRunByPriorityThenByTimeThenById) {
  make(1).jobs_ready({job(1)});
  auto early = job(5);
  early.run_at -= 1s;
  aut->jobs_ready({job(4), early, job(3), job(2, "slow", 0)});
  std::vector<std::int64_t> order;
  for (std::size_t i = 0; i < 5; ++i) {
    acknowledge();
    order.push_back(effects.starts.at(i).jobs.at(0).id.value);
    finish(i);
  }
  EXPECT_EQ(order, (std::vector<std::int64_t>{1, 2, 5, 3, 4}));
}

TEST_F(queue_engine_test, NoMoreJobsRunAtOnceThanThereAreSlots) {
  make(2).jobs_ready({job(1), job(2), job(3)});
  acknowledge();
  acknowledge();
  EXPECT_EQ(effects.starts.size(), 2u);
  EXPECT_EQ(aut->state().active.size(), 2u);
}

TEST_F(queue_engine_test, BriefJobsShareAHandOverButLeaveSomeForOtherSlots) {
  std::vector<ready_job> many;
  for (int i = 1; i <= 10; ++i)
    many.push_back(job(i, "brief"));
  make(2).jobs_ready(many);
  ASSERT_EQ(effects.commits.size(), 2u);
  EXPECT_EQ(effects.commits[0].claims.at(0).jobs.size(), 5u);
  EXPECT_EQ(effects.commits[1].claims.at(0).jobs.size(), 5u);
}

TEST_F(queue_engine_test, DelayedJobStartsWhenItsTimeHasCome) {
  auto later = job(1);
  later.run_at = clock.now() + 5s;
  make().jobs_ready({later});
  EXPECT_TRUE(effects.commits.empty());
  EXPECT_EQ(aut->next_wake(), clock.now() + 5s);
  clock.advance(5s);
  aut->wake();
  EXPECT_EQ(effects.commits.size(), 1u);
}

TEST_F(queue_engine_test, RetryableErrorPutsTheJobBackAfterItsKindsDelay) {
  make(1).jobs_ready({job(1)});
  acknowledge();
  finish(0, error{error_code::network, "connection reset"});
  EXPECT_EQ(end_of(1).outcome, attempt_outcome::retry);
  EXPECT_EQ(end_of(1).run_again_at, clock.now() + 120s);
  EXPECT_EQ(end_of(1).failure->code, error_code::network);
}

TEST_F(queue_engine_test, LastAttemptFailsForGood) {
  auto last = job(1);
  last.attempts = 2; // of the three that job_kind::process gives
  make(1).jobs_ready({last});
  acknowledge();
  finish(0, error{error_code::network, "connection reset"});
  EXPECT_EQ(end_of(1).outcome, attempt_outcome::failed);
}

TEST_F(queue_engine_test, UnitRefusedWithConflictGoesBackAtNoCost) {
  make(1).jobs_ready({job(1)});
  acknowledge();
  finish(0);
  refuse({error_code::conflict, "row has another version"});
  ASSERT_EQ(effects.commits.size(), 3u);
  EXPECT_EQ(end_of(2).outcome, attempt_outcome::postponed);
  acknowledge();
  EXPECT_TRUE(aut->quiet());
}

TEST_F(queue_engine_test, UnitThatFoundNoRoomCostsNoAttempt) {
  make(1).jobs_ready({job(1)});
  acknowledge();
  finish(0);
  refuse({error_code::storage_full, "the disk is full"});
  EXPECT_EQ(end_of(2).outcome, attempt_outcome::postponed);
  EXPECT_EQ(end_of(2).run_again_at, clock.now() + 1s);
}

TEST_F(queue_engine_test, JobThatIsNotOursAnyMoreIsLetGoAfterTwoRefusals) {
  make(1).jobs_ready({job(1), job(2)});
  acknowledge();
  finish(0);
  refuse({error_code::conflict, "cancelled"});
  refuse({error_code::conflict, "cancelled"});
  ASSERT_EQ(effects.starts.size(), 2u);
  EXPECT_EQ(effects.starts[1].jobs.at(0).id, job_id{2});
}

TEST_F(queue_engine_test, JobThatWaitsAgainIsTakenInWhileTheEndOfItsNeighbourIsSettledASecondTime) {
  for (const std::string group : {"", "tenant-0"}) {
    effects = {};
    answered = 0;
    auto first = job(1, "brief"), neighbour = job(2, "brief");
    first.group_key = neighbour.group_key = group;
    make(1).jobs_ready({first, neighbour});
    acknowledge();
    ASSERT_EQ(effects.starts.at(0).jobs.size(), 2u);
    finish(0, error{error_code::network, "connection reset"});
    const auto& ends = effects.commits.at(answered++);
    commit_answer answer;
    answer.token = ends.token;
    answer.units.resize(2);
    answer.units[1].refused = error{error_code::storage_busy, "locked"};
    aut->committed(answer); // the first one waits in the store again, the second one's end is sent once more
    first.attempts = 1;
    aut->jobs_ready({first}); // the news of that commit
    acknowledge();
    aut->wake();
    ASSERT_EQ(effects.commits.back().claims.size(), 1u);
    EXPECT_EQ(effects.commits.back().claims[0].jobs, std::vector{job_id{1}}) << "nobody else will bring it";
  }
}

TEST_F(queue_engine_test, JobWhoseEndTheDatabaseRefusesTwiceRunsAgainLater) {
  make(1).jobs_ready({job(1)});
  acknowledge();
  finish(0);
  refuse({error_code::storage_failed, "disk I/O error"});
  refuse({error_code::storage_failed, "disk I/O error"});
  EXPECT_TRUE(aut->quiet());
  EXPECT_EQ(effects.commits.size(), 3u);
  ASSERT_NE(aut->next_wake(), no_time) << "the store has it waiting still: nobody else will bring it";
  clock.set(aut->next_wake());
  aut->wake();
  acknowledge();
  ASSERT_EQ(effects.starts.size(), 2u);
  EXPECT_EQ(effects.starts[1].jobs.at(0).id, job_id{1});
}

TEST_F(queue_engine_test, CommitThatTheDatabaseCouldNotTakeIsTriedAgainWithTheSameResults) {
  make(1).jobs_ready({job(1)});
  acknowledge();
  finish(0);
  const auto call = effects.commits.at(1);
  commit_answer busy;
  busy.token = call.token;
  busy.failed = error{error_code::storage_busy, "database is locked"};
  busy.returned = call.units;
  busy.returned_claims = call.claims;
  aut->committed(busy);
  EXPECT_EQ(effects.commits.size(), 2u);
  clock.advance(1s);
  aut->wake();
  ASSERT_EQ(effects.commits.size(), 3u);
  EXPECT_EQ(effects.commits[2].token, call.token);
  EXPECT_EQ(end_of(2).job, job_id{1});
}

TEST_F(queue_engine_test, BusyHandlerIsLeftBehindAtItsTimeoutAndItsLateAnswerIgnored) {
  make(1).jobs_ready({job(1), job(2)});
  acknowledge();
  clock.advance(10s);
  aut->wake();
  ASSERT_EQ(effects.abandoned.size(), 1u);
  EXPECT_EQ(end_of(1).failure->code, error_code::timed_out);
  EXPECT_EQ(aut->state().stuck_workers, 1u);
  acknowledge();
  EXPECT_EQ(effects.starts.at(1).jobs.at(0).id, job_id{2});
  finish(0); // the stuck handler returns after all
  EXPECT_EQ(effects.commits.size(), 2u);
}

TEST_F(queue_engine_test, FetchIsToldToStopAtItsTimeoutBeforeItIsLeftBehind) {
  make(1).jobs_ready({job(1, "fetch")});
  acknowledge();
  clock.advance(10s);
  aut->wake();
  ASSERT_EQ(effects.stops.size(), 1u);
  EXPECT_EQ(effects.stops[0].reason, stop_reason::timed_out);
  EXPECT_TRUE(effects.abandoned.empty());
  finish(0, error{error_code::cancelled, "stopped"});
  EXPECT_EQ(end_of(1).failure->code, error_code::timed_out);
  EXPECT_EQ(end_of(1).outcome, attempt_outcome::retry);
}

TEST_F(queue_engine_test, PausedQueueHoldsWaitingJobsAndFinishesWhatRuns) {
  make(1).jobs_ready({job(1), job(2)});
  acknowledge();
  aut->pause(true);
  finish(0);
  EXPECT_TRUE(effects.commits.at(1).claims.at(0).jobs.empty());
  acknowledge();
  EXPECT_EQ(effects.starts.size(), 1u);
  aut->pause(false);
  acknowledge();
  EXPECT_EQ(effects.starts.at(1).jobs.at(0).id, job_id{2});
}

TEST_F(queue_engine_test, CancelledRunningJobTakesNoEffect) {
  make(1).jobs_ready({job(1, "fetch")});
  acknowledge();
  aut->cancel(job_id{1});
  ASSERT_EQ(effects.stops.size(), 1u);
  actors::work_done done{effects.starts[0].turn, {}};
  done.results.resize(1);
  done.results[0].unit.events.push_back({"too.late", "x", "{}", {}, {}});
  aut->work_done(done);
  EXPECT_EQ(end_of(1).outcome, attempt_outcome::cancelled);
  EXPECT_TRUE(effects.commits[1].units[0].events.empty());
}

TEST_F(queue_engine_test, CancelledWaitingJobNeverStarts) {
  make(1).jobs_ready({job(1), job(2), job(3)});
  aut->cancel(job_id{2}, "no need", true);
  acknowledge();
  finish(0);
  acknowledge();
  EXPECT_EQ(effects.starts.at(1).jobs.at(0).id, job_id{3});
}

TEST_F(queue_engine_test, ACancelThatTheStoreHasNotTakenLeavesAWaitingJobAlone) {
  make(1).jobs_ready({job(1), job(2)});
  aut->cancel(job_id{2}); // it looked active a moment ago
  acknowledge();
  finish(0);
  acknowledge();
  EXPECT_EQ(effects.starts.at(1).jobs.at(0).id, job_id{2});
}

TEST_F(queue_engine_test, DrainingQueueIsQuietWhenItsJobsHaveEnded) {
  make(1).jobs_ready({job(1), job(2)});
  acknowledge();
  aut->drain();
  EXPECT_FALSE(aut->quiet());
  finish(0);
  acknowledge();
  EXPECT_TRUE(aut->quiet());
  EXPECT_EQ(effects.starts.size(), 1u);
}

TEST_F(queue_engine_test, ClaimThatBecomesDurableWhileDrainingIsGivenUpUnstarted) {
  make(1).jobs_ready({job(1)});
  aut->drain();
  acknowledge();
  EXPECT_TRUE(effects.starts.empty());
  ASSERT_EQ(effects.commits.size(), 2u);
  EXPECT_TRUE(effects.commits[1].claims.at(0).jobs.empty());
  acknowledge();
  EXPECT_TRUE(aut->quiet());
}

TEST_F(queue_engine_test, HandedBackJobCostsNoAttempt) {
  make(1).jobs_ready({job(1)});
  acknowledge();
  aut->hand_back();
  EXPECT_EQ(end_of(1).outcome, attempt_outcome::postponed);
  EXPECT_EQ(end_of(1).attempts, 0);
  acknowledge();
  EXPECT_TRUE(aut->quiet());
  EXPECT_EQ(aut->handed_back(), 1u);
}

TEST_F(queue_engine_test, SuspectRunsAloneAndOtherWorkWaitsForTheRelease) {
  make(2).hold(true);
  aut->jobs_ready({job(2)});
  EXPECT_TRUE(effects.commits.empty());
  aut->run_suspect(job(1));
  EXPECT_TRUE(effects.commits.at(0).claims.at(0).alone);
  acknowledge();
  finish(0);
  EXPECT_TRUE(std::holds_alternative<clear_suspect>(effects.commits.at(1).units.at(0).changes.at(0)));
  acknowledge();
  EXPECT_EQ(effects.suspects_done, std::vector{job_id{1}});
  aut->hold(false);
  acknowledge();
  EXPECT_EQ(effects.starts.at(1).jobs.at(0).id, job_id{2});
}

TEST_F(queue_engine_test, LiveEventsArePublishedOnlyWhenSomebodyListens) {
  make(1).jobs_ready({job(1), job(2)});
  acknowledge();
  EXPECT_TRUE(effects.published.empty());
  aut->want_live_events(true);
  aut->progressed({effects.starts[0].turn, job_id{1}, {"fetching", "page 3", 30, {}, {}, {}}});
  ASSERT_EQ(effects.published.size(), 1u);
  EXPECT_EQ(effects.published[0].type, "job.progress");
  EXPECT_EQ(effects.published[0].subject, "executions/1");
}

TEST_F(queue_engine_test, ProgressIsWrittenAtMostEverySecond) {
  make(1).jobs_ready({job(1)});
  acknowledge();
  const auto report = [&] { aut->progressed({effects.starts[0].turn, job_id{1}, {"a", "", {}, {}, {}, {}}}); };
  report();
  report();
  EXPECT_EQ(effects.commits.size(), 2u);
  clock.advance(1s);
  report();
  EXPECT_EQ(effects.commits.size(), 3u);
}

TEST_F(queue_engine_test, ProgressThatWasHeldBackIsWrittenWhenItsSecondIsOver) {
  make(1).jobs_ready({job(1)});
  acknowledge();
  const auto report = [&](std::int64_t done) {
    progress value;
    value.stage = "storing";
    value.done = done;
    value.total = 4;
    aut->progressed({effects.starts[0].turn, job_id{1}, value});
  };
  report(1);
  clock.advance(500ms);
  report(2);
  EXPECT_EQ(effects.commits.size(), 2u);
  EXPECT_EQ(aut->next_wake(), clock.now() + 500ms);
  clock.advance(500ms);
  aut->wake();
  ASSERT_EQ(effects.commits.size(), 3u);
  const auto& written = std::get<write_progress>(effects.commits[2].units.at(0).changes.at(0)).value;
  EXPECT_EQ(written.done, 2);
  EXPECT_EQ(written.percent, 50);
  EXPECT_EQ(written.remaining, 500ms);
}

TEST_F(queue_engine_test, APauseThatComesWhileAClaimIsWrittenTakesItBack) {
  make(1).jobs_ready({job(1), job(2)});
  aut->pause(true);
  acknowledge(); // the claim of 1
  EXPECT_TRUE(effects.starts.empty()) << "a paused queue starts nothing";
  ASSERT_EQ(effects.commits.size(), 2u);
  EXPECT_TRUE(effects.commits[1].claims.at(0).jobs.empty()) << "the slot's record is emptied";
  aut->pause(false);
  EXPECT_EQ(effects.commits.size(), 2u) << "the job may not be in two slots";
  acknowledge();
  ASSERT_EQ(effects.commits.size(), 3u);
  acknowledge();
  ASSERT_EQ(effects.starts.size(), 1u);
  EXPECT_EQ(effects.starts[0].jobs.at(0).id, job_id{1}) << "it kept its place";
}

TEST_F(queue_engine_test, ASuspectKeepsOutOfAPausedQueue) {
  make(1).pause(true);
  aut->run_suspect(job(1));
  EXPECT_TRUE(effects.commits.empty()) << "it waits for the resume";
  aut->pause(false);
  ASSERT_EQ(effects.commits.size(), 1u);
  aut->pause(true);
  acknowledge(); // its claim
  EXPECT_TRUE(effects.starts.empty());
  acknowledge(); // what took it back
  EXPECT_TRUE(effects.suspects_done.empty()) << "its turn is still to come";
  aut->pause(false);
  acknowledge();
  ASSERT_EQ(effects.starts.size(), 1u);
  EXPECT_EQ(effects.starts[0].jobs.at(0).id, job_id{1});
}

} // namespace penstock::actors
