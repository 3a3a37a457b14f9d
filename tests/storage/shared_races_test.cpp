#include <gtest/gtest.h>

#include <thread>

#include "core/unique_key.hpp"
#include "storage/node_membership.hpp"
#include "storage/queue_lock.hpp"
#include "tests/storage/other_connection.hpp"
#include "tests/storage/shared_database_fixture.hpp"

// What two nodes do at the same moment. The other one's open transaction is played by hand.
namespace penstock::storage {
namespace {

class shared_races : public shared_database_fixture {
protected:
  void SetUp() override {
    shared_database_fixture::SetUp();
    if (!IsSkipped())
      beside.emplace(schema->url());
  }
  /// Runs `act` while `beside` holds what it waits for, and lets go.
  template <class Act>
  void run_into_lock(Act act) {
    std::thread waits{act};
    beside->await_somebody_waiting();
    beside->execute("COMMIT");
    waits.join();
  }
  static std::string text(job_id id) { return std::to_string(id.value); }

  std::optional<other_connection> beside;
};

TEST_F(shared_races, OfAStreamOneJobRunsOnAllNodes) {
  auto page = request();
  page.group_key = "organisation/credential/stream";
  const auto first = enqueue(page), second = enqueue(page);
  ASSERT_TRUE(run(*writer, {}, {{"default", 0, false, {second}}}).not_claimed.empty());
  EXPECT_EQ(run(*other, {}, {{"default", 0, false, {first}}}).not_claimed, std::vector<job_id>{first});
  EXPECT_TRUE(run(*writer, {end_of(second)}, {{"default", 0, false, {}}}).units.at(0).ok());
  EXPECT_TRUE(run(*other, {}, {{"default", 0, false, {first}}}).not_claimed.empty());
}

TEST_F(shared_races, ANodeInTheMidstOfATransactionIsNotWaitedForNorTakenOver) {
  const auto id = enqueue(request());
  ASSERT_TRUE(run(*writer, {}, {{"default", 0, false, {id}}}).not_claimed.empty());
  schema->execute("UPDATE node_leases SET expires_at = 0 WHERE number = 1");
  beside->execute("BEGIN; UPDATE nodes SET last_commit = last_commit WHERE number = 1");
  const auto early = other->take_over(1);
  ASSERT_TRUE(early) << early.error().message;
  EXPECT_FALSE(early->taken_over);
  beside->execute("COMMIT");
  const auto report = other->take_over(1);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->taken_over);
  EXPECT_EQ(report->suspects.size(), 1u);
}

TEST_F(shared_races, ATakeOverWhoseCommitWasNotAnsweredIsKnown) {
  const auto id = enqueue(request());
  ASSERT_TRUE(run(*other, {}, {{"default", 0, false, {id}}}).not_claimed.empty());
  schema->execute("UPDATE node_leases SET expires_at = 0 WHERE number = 2");
  faults.lose_answer_of("commit");
  const auto report = writer->take_over(2);
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_EQ(report->suspects.size(), 1u);
  EXPECT_EQ(report->suspects[0].id, id);
  enqueue(request());
  expect_counts_agree();
}

TEST_F(shared_races, AnAttemptThatWasLostEndsNothingThoughTheNextOneWasPutOff) {
  const auto id = enqueue(request());
  ASSERT_TRUE(run(*writer, {}, {{"default", 0, false, {id}}}).not_claimed.empty());
  be_taken_over();
  ASSERT_TRUE(run(*other, {}, {{"default", 0, true, {id}}}).not_claimed.empty());
  auto put_off = end_of(id, attempt_outcome::postponed);
  put_off.ends->run_again_at = clock.now();
  put_off.changes.push_back(clear_suspect{id});
  ASSERT_TRUE(run(*other, {put_off}, {{"default", 0, false, {}}}).units.at(0).ok());
  const auto late = run(*writer, {end_of(id)}).units.at(0);
  ASSERT_TRUE(late.refused);
  EXPECT_EQ(late.refused->code, error_code::conflict);
  ASSERT_TRUE(run(*writer, {}, {{"default", 0, false, {id}}}).not_claimed.empty());
  EXPECT_TRUE(run(*writer, {end_of(id)}).units.at(0).ok()) << "claimed again, it is its own";
  expect_counts_agree();
}

TEST_F(shared_races, ASweepLeavesAJobThatIsBeingRetried) {
  const auto id = enqueue(request());
  ASSERT_TRUE(commit_one(end_of(id, attempt_outcome::failed)).ok());
  beside->execute("BEGIN; UPDATE jobs SET state = 0 WHERE id = " + text(id));
  unit_of_work sweep;
  sweep.changes.push_back(flush_failed{.queue = "default", .before = clock.now() + std::chrono::days{1}, .limit = 10});
  const auto done = run(*writer, {sweep});
  ASSERT_FALSE(done.failed) << done.failed->message;
  EXPECT_EQ(done.units.at(0).created, std::vector<std::int64_t>{0});
  beside->execute("COMMIT");
  EXPECT_EQ(number("SELECT COUNT(*) FROM jobs"), 1);
}

TEST_F(shared_races, ASweepLeavesAKeyThatIsBeingHandedOver) {
  auto wanted = request();
  wanted.unique_key = "once";
  wanted.unique_for = std::chrono::hours(1);
  const auto id = enqueue(wanted);
  ASSERT_TRUE(commit_one(end_of(id)).ok());
  clock.advance(std::chrono::hours(2));
  beside->execute("BEGIN; UPDATE unique_keys SET keep_until = " +
                  std::to_string((clock.now() + std::chrono::hours(1)).time_since_epoch().count()));
  run_into_lock([&] {
    unit_of_work sweep;
    sweep.changes.push_back(sweep_history{.limit = 10});
    EXPECT_FALSE(run(*writer, {sweep}).failed);
  });
  EXPECT_EQ(number("SELECT COUNT(*) FROM unique_keys"), 1);
}

TEST_F(shared_races, ACancelSeesAClaimThatIsBeingWritten) {
  const auto id = enqueue(request());
  beside->execute("BEGIN; SELECT " + queue_lock_sql("queue_id") +
                  " FROM jobs; INSERT INTO slots (queue_id, slot, alone, jobs, since) SELECT "
                  "queue_id, " +
                  std::to_string(2 * slots_a_node) + ", 0, '" + text(id) + "', 0 FROM jobs");
  write_batch_result done;
  run_into_lock([&] {
    unit_of_work cancel;
    cancel.changes.push_back(cancel_job{id, {}});
    done = run(*writer, {cancel});
  });
  ASSERT_FALSE(done.failed) << done.failed->message;
  ASSERT_TRUE(done.units.at(0).refused);
  EXPECT_EQ(done.units.at(0).refused->code, error_code::conflict);
}

TEST_F(shared_races, AnExpectedVersionStandsUntilTheCommit) {
  const integration_id owner{41};
  unit_of_work unit;
  unit.rows.push_back({"things", owner, {{"a", {std::string{"Ann"}, std::int64_t{1}}, 3}}});
  ASSERT_TRUE(run(*writer, {unit}).units.at(0).ok());
  beside->execute("BEGIN; UPDATE things SET source_version = 4");
  write_batch_result done;
  run_into_lock([&] {
    unit.expects.push_back({"things", owner, "a", 3});
    unit.rows[0].rows[0].version = 9;
    done = run(*writer, {unit});
  });
  ASSERT_FALSE(done.failed) << done.failed->message;
  ASSERT_TRUE(done.units.at(0).refused);
  EXPECT_EQ(done.units.at(0).refused->code, error_code::conflict);
}

} // namespace
} // namespace penstock::storage
