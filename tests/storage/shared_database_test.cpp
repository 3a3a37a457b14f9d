#include <atomic>
#include <thread>

#include "tests/storage/shared_database_fixture.hpp"

namespace penstock::storage {
namespace {

using shared_database = shared_database_fixture;

TEST_F(shared_database, IdsOfTwoNodesDiffer) {
  const auto mine = enqueue(request());
  unit_of_work unit;
  unit.jobs.push_back(request());
  const auto others = run(*other, {unit}).units.at(0).jobs.at(0).id;
  EXPECT_NE(id_generator::node_of(mine.value), id_generator::node_of(others.value));
}

TEST_F(shared_database, AJobIsClaimedByOneNode) {
  const auto a = enqueue(request()), b = enqueue(request()), c = enqueue(request());
  EXPECT_TRUE(run(*writer, {}, {{"default", 0, false, {a, b}}}).not_claimed.empty());
  const auto second = run(*other, {}, {{"default", 0, false, {b, c}}});
  EXPECT_FALSE(second.failed);
  EXPECT_EQ(second.not_claimed, std::vector<job_id>{b});
  EXPECT_EQ(number("SELECT COUNT(*) FROM v_jobs WHERE state = 'active'"), 3);
}

TEST_F(shared_database, WhatAnotherNodeEndedOrPutOffIsNotClaimed) {
  const auto ended = enqueue(request()), tried = enqueue(request()), put_off = enqueue(request());
  ASSERT_TRUE(run(*writer, {}, {{"default", 0, false, {ended, tried, put_off}}}).not_claimed.empty());
  auto retried = end_of(tried, attempt_outcome::retry);
  retried.ends->run_again_at = clock.now();
  for (const auto& unit :
       run(*writer, {end_of(ended), retried, end_of(put_off, attempt_outcome::postponed)}, {{"default", 0, false, {}}})
         .units)
    EXPECT_TRUE(unit.ok());
  const slot_claim stale{"default", 0, false, {ended, tried, put_off}, {0, 0, 0}};
  EXPECT_EQ(run(*other, {}, {stale}).not_claimed, (std::vector<job_id>{ended, tried, put_off}));
  const slot_claim fresh{"default", 0, false, {tried}, {1}};
  EXPECT_TRUE(run(*other, {}, {fresh}).not_claimed.empty());
}

TEST_F(shared_database, OnlyWhoHoldsAJobEndsIt) {
  const auto id = enqueue(request());
  ASSERT_TRUE(run(*other, {}, {{"default", 0, false, {id}}}).not_claimed.empty());
  auto ending = end_of(id);
  ending.jobs.push_back(request());
  const auto refused = run(*writer, {ending}).units.at(0);
  ASSERT_TRUE(refused.refused);
  EXPECT_EQ(refused.refused->code, error_code::conflict);
  EXPECT_EQ(number("SELECT COUNT(*) FROM jobs"), 1) << "its rows are refused with it";
  EXPECT_TRUE(run(*other, {end_of(id)}).units.at(0).ok());
}

TEST_F(shared_database, ANodeThatLostItsLeaseIsRefusedAndGoesOnWithNewWork) {
  const auto id = enqueue(request());
  ASSERT_TRUE(run(*writer, {}, {{"default", 3, false, {id}}}).not_claimed.empty());
  const auto report = be_taken_over();
  ASSERT_EQ(report.suspects.size(), 1u);
  EXPECT_EQ(report.suspects[0].id, id);
  EXPECT_EQ(report.suspects[0].queue, "default");
  auto late = end_of(id);
  late.jobs.push_back(request());
  const auto refused = run(*writer, {late}).units.at(0);
  ASSERT_TRUE(refused.refused);
  EXPECT_EQ(refused.refused->code, error_code::conflict);
  // As an ordinary job nobody gets it before its turn is over.
  EXPECT_EQ(run(*writer, {}, {{"default", 0, false, {id}}}).not_claimed, std::vector<job_id>{id});
  ASSERT_TRUE(run(*other, {}, {{"default", 0, true, {id}}}).not_claimed.empty());
  EXPECT_TRUE(run(*writer, {late}).units.at(0).refused);
  auto end = end_of(id);
  end.changes.push_back(clear_suspect{id});
  EXPECT_TRUE(run(*other, {end}).units.at(0).ok());
  const auto next = enqueue(request());
  EXPECT_TRUE(run(*writer, {}, {{"default", 0, false, {next}}}).not_claimed.empty());
  EXPECT_TRUE(run(*writer, {end_of(next)}).units.at(0).ok());
  expect_counts_agree();
}

TEST_F(shared_database, ANodeThatLivesIsNotTakenOver) {
  const auto id = enqueue(request());
  ASSERT_TRUE(run(*writer, {}, {{"default", 0, false, {id}}}).not_claimed.empty());
  const auto report = other->take_over(1);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->suspects.empty());
  EXPECT_TRUE(run(*writer, {end_of(id)}).units.at(0).ok());
}

TEST_F(shared_database, ADeadNodeIsTakenOverOnce) {
  const auto id = enqueue(request());
  ASSERT_TRUE(run(*writer, {}, {{"default", 0, true, {id}}}).not_claimed.empty());
  ASSERT_EQ(be_taken_over().suspects.at(0).deaths, 1);
  const auto again = other->take_over(1);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->suspects.empty());
  EXPECT_EQ(number("SELECT deaths FROM suspects"), 1);
}

TEST_F(shared_database, WhatANodeLeavesBehindAtItsStopIsOthersAtOnce) {
  const auto id = enqueue(request());
  ASSERT_TRUE(run(*other, {}, {{"default", 0, false, {id}}}).not_claimed.empty());
  other.reset();
  other_db.reset();
  const auto report = writer->take_over(2);
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_EQ(report->suspects.size(), 1u);
  EXPECT_EQ(report->suspects[0].id, id);
}

TEST_F(shared_database, AStartFindsItsOwnFormerJobsAndLeavesThoseOfOthers) {
  const auto mine = enqueue(request()), others = enqueue(request());
  ASSERT_TRUE(run(*writer, {}, {{"default", 0, false, {mine}}}).not_claimed.empty());
  ASSERT_TRUE(run(*other, {}, {{"default", 0, false, {others}}}).not_claimed.empty());
  reopen();
  const auto report = writer->recover();
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_EQ(report->suspects.size(), 1u);
  EXPECT_EQ(report->suspects[0].id, mine);
  EXPECT_TRUE(run(*other, {end_of(others)}).units.at(0).ok());
}

TEST_F(shared_database, NamesThatAnotherNodeAddedAreFound) {
  auto wanted = request();
  wanted.queue = "made-by-this-one";
  const auto id = enqueue(wanted);
  EXPECT_TRUE(run(*other, {}, {{"made-by-this-one", 0, false, {id}}}).not_claimed.empty());
  EXPECT_TRUE(run(*other, {end_of(id, attempt_outcome::succeeded, "made-by-this-one")}).units.at(0).ok());
  expect_counts_agree();
}

TEST_F(shared_database, AUniqueKeyIsHeldByOneJobOfAllNodes) {
  auto wanted = request();
  wanted.unique_key = "once";
  const auto id = enqueue(wanted);
  unit_of_work unit;
  unit.jobs.push_back(wanted);
  const auto second = run(*other, {unit}).units.at(0).jobs.at(0);
  EXPECT_TRUE(second.deduplicated);
  EXPECT_EQ(second.id, id);
}

TEST_F(shared_database, NodesThatWriteAtOnceKeepCountsAndPositions) {
  // Each node's thread uses its own writer; both touch the same queue, parent and events.
  const auto parent = enqueue(request());
  auto ending = end_of(parent);
  ending.jobs.push_back(request("probe.page"));
  ending.jobs[0].parent = parent;
  ASSERT_TRUE(commit_one(std::move(ending)).ok());
  std::atomic<int> failed{0};
  const auto work = [&](write_session& session) {
    for (int i = 0; i < 60; ++i) {
      unit_of_work unit;
      unit.jobs.assign(3, request());
      unit.jobs[1].parent = parent;
      unit.events.push_back({"probe.happened", "things/1"});
      auto done = run(session, {unit});
      if (done.failed || !done.units.at(0).ok()) {
        ++failed;
        continue;
      }
      const auto& made = done.units.at(0).jobs;
      auto ended = run(session, {end_of(made[0].id), end_of(made[1].id, attempt_outcome::failed)},
                       {{"default", 0, false, {made[2].id}}});
      if (ended.failed || !ended.units.at(0).ok() || !ended.units.at(1).ok())
        ++failed;
    }
  };
  std::thread beside{[&] { work(*other); }};
  work(*writer);
  beside.join();
  EXPECT_EQ(failed, 0);
  expect_counts_agree();
  EXPECT_EQ(number("SELECT MAX(position) - COUNT(*) FROM events"), 0);
  EXPECT_EQ(number("SELECT failed * 1000 + open FROM job_children"), 120 * 1000 + 1);
}

TEST_F(shared_database, ACommitWhoseAnswerWasLostCountsAsStored) {
  enqueue(request());
  faults.lose_answer_of("commit");
  unit_of_work unit;
  unit.jobs.assign(2, request());
  unit.events.push_back({"probe.happened", "things/1"});
  std::vector<write_batch> batches(1);
  batches[0].units.push_back(unit);
  const auto done = writer->commit(batches);
  ASSERT_FALSE(done.batches[0].failed) << done.batches[0].failed->message;
  EXPECT_EQ(done.batches[0].units[0].jobs.size(), 2u);
  EXPECT_EQ(done.news.ready.size(), 2u);
  EXPECT_EQ(done.news.events.size(), 1u);
  EXPECT_EQ(number("SELECT COUNT(*) FROM jobs"), 3);
  enqueue(request());
  EXPECT_EQ(number("SELECT COUNT(*) FROM jobs"), 4);
  expect_counts_agree();
}

TEST_F(shared_database, ACommitThatNeverArrivedIsNotTakenForStored) {
  enqueue(request());
  faults.at("commit", [&] { schema->break_connections("state = 'idle in transaction'"); });
  unit_of_work unit;
  unit.jobs.push_back(request());
  std::vector<write_batch> batches(1);
  batches[0].units.push_back(unit);
  auto done = writer->commit(batches);
  ASSERT_TRUE(done.batches[0].failed);
  EXPECT_EQ(done.batches[0].failed->code, error_code::storage_busy);
  EXPECT_EQ(number("SELECT COUNT(*) FROM jobs"), 1);
  done = writer->commit(batches);
  ASSERT_FALSE(done.batches[0].failed) << done.batches[0].failed->message;
  EXPECT_TRUE(done.reconnected);
  EXPECT_EQ(number("SELECT COUNT(*) FROM jobs"), 2);
  expect_counts_agree();
}

TEST_F(shared_database, WhatWasGivenToAnOpenSlotHoldsThoughTheAnswerOfItsCommitWasLost) {
  slot_claim open_slot{"default", 0, false, {}};
  open_slot.leaves_open = 1;
  (void)run(*writer, {}, {open_slot});
  faults.lose_answer_of("commit");
  unit_of_work unit;
  unit.jobs.push_back(request());
  std::vector<write_batch> batches(1);
  batches[0].units.push_back(unit);
  const auto done = writer->commit(batches);
  ASSERT_EQ(done.news.gifts.size(), 1u);
  const auto given = done.news.gifts[0].jobs.at(0).id;
  const auto old = enqueue(request());
  slot_claim late{"default", 0, false, {old}}; // on its way since before the connection was lost
  late.takes_back = 1;
  (void)run(*writer, {}, {late});
  EXPECT_EQ(number("SELECT COUNT(*) FROM slots WHERE jobs = '" + std::to_string(given.value) + "'"), 1);
  const auto theirs = run(*other, {}, {{"default", 0, false, {given}}});
  EXPECT_EQ(theirs.not_claimed, std::vector<job_id>{given}) << "it runs here";
}

TEST_F(shared_database, ANodeThatIsTakenForDeadGivesNothingToItsSlots) {
  slot_claim open_slot{"default", 0, false, {}};
  open_slot.leaves_open = 1;
  (void)run(*writer, {}, {open_slot});
  (void)be_taken_over();
  unit_of_work unit;
  unit.jobs.push_back(request());
  std::vector<write_batch> batches(1);
  batches[0].units.push_back(unit);
  const auto done = writer->commit(batches);
  EXPECT_TRUE(done.news.gifts.empty());
}

} // namespace
} // namespace penstock::storage
