#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include "tests/storage/other_connection.hpp"
#include "tests/storage/shared_database_fixture.hpp"

// Schedules that two nodes change at the same moment.
namespace penstock::storage {
namespace {

class shared_schedules : public shared_database_fixture {
protected:
  static schedule every_minute() {
    schedule value;
    value.name = "tick";
    value.rule = "every 60s";
    value.kind = "probe.task";
    return value;
  }
  static unit_of_work unit_of(engine_change change) {
    unit_of_work unit;
    unit.changes.push_back(std::move(change));
    return unit;
  }
  static unit_of_work new_rule() {
    edit_schedule edit{.name = "tick"};
    edit.rule = "every 90s";
    return unit_of(std::move(edit));
  }
  /// Commits the unit while another node's transaction, which did `sql`, is open; that one commits first.
  unit_result beside(const std::string& sql, const unit_of_work& unit) {
    other_connection holds{schema->url()};
    holds.execute("BEGIN; " + sql);
    write_batch_result done;
    std::thread waits{[&] { done = run(*writer, {unit}); }};
    holds.await_somebody_waiting();
    holds.execute("COMMIT");
    waits.join();
    EXPECT_FALSE(done.failed) << done.failed->message;
    return done.failed ? unit_result{} : done.units.at(0);
  }
  std::string stored(const std::string& column) { return schema->value("SELECT " + column + " FROM schedules"); }
};

TEST_F(shared_schedules, ADisableAndAnEditBothCount) {
  ASSERT_TRUE(commit_one(unit_of(add_schedule{every_minute()})).ok());
  EXPECT_TRUE(beside("UPDATE schedules SET enabled = 0", new_rule()).ok());
  EXPECT_EQ(stored("rule"), "every 90s");
  EXPECT_EQ(stored("enabled"), "0");
}

TEST_F(shared_schedules, AStartDoesNotOverwriteAnEditThatIsBeingStored) {
  ASSERT_TRUE(commit_one(unit_of(put_schedule{every_minute()})).ok());
  EXPECT_TRUE(
    beside("UPDATE schedules SET rule = 'every 90s', edited = 1", unit_of(put_schedule{every_minute()})).ok());
  EXPECT_EQ(stored("rule"), "every 90s");
  EXPECT_EQ(stored("edited"), "1");
}

TEST_F(shared_schedules, OneThatIsBeingRemovedIsNotMadeAnewByAnEdit) {
  ASSERT_TRUE(commit_one(unit_of(add_schedule{every_minute()})).ok());
  const auto done = beside("DELETE FROM schedules", new_rule());
  ASSERT_TRUE(done.refused);
  EXPECT_EQ(done.refused->code, error_code::not_found);
  EXPECT_EQ(number("SELECT COUNT(*) FROM schedules"), 0);
}

TEST_F(shared_schedules, OfTwoThatAddOneNameOneIsRefused) {
  faults.at("add schedule", [&] {
    EXPECT_TRUE(run(*other, {unit_of(add_schedule{every_minute()}), new_rule()}).units.at(1).ok());
  });
  const auto done = commit_one(unit_of(add_schedule{every_minute()}));
  ASSERT_TRUE(done.refused);
  EXPECT_EQ(done.refused->code, error_code::conflict);
  EXPECT_EQ(stored("rule"), "every 90s");
}

TEST_F(shared_schedules, TwoNodesThatDeclareOneFirstKeepWhatWasEditedBetweenThem) {
  faults.at("add schedule", [&] {
    EXPECT_TRUE(
      run(*other, {unit_of(put_schedule{every_minute()}), new_rule(), unit_of(enable_schedule{"tick", false})})
        .units.at(2)
        .ok());
  });
  EXPECT_TRUE(commit_one(unit_of(put_schedule{every_minute()})).ok());
  EXPECT_EQ(stored("rule"), "every 90s");
  EXPECT_EQ(stored("enabled"), "0");
}

} // namespace
} // namespace penstock::storage
