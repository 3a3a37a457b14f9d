#include <gtest/gtest.h>

#include "core/unique_key.hpp"
#include "tests/storage/shared_database_fixture.hpp"

// Due checks of two nodes, and jobs that two nodes enqueue, at the same moment.
namespace penstock::storage {
namespace {

using std::chrono::hours;

class shared_due_check : public shared_database_fixture {
protected:
  static unit_of_work unit_of(engine_change change) {
    unit_of_work unit;
    unit.changes.push_back(std::move(change));
    return unit;
  }
  integration_id add(const std::string& name) {
    integration account;
    account.service = "probe";
    account.name = name;
    account.schedule.frequency = hours{1};
    return {commit_one(unit_of(add_integration{account})).created.at(0)};
  }
  static unit_of_work check() { return unit_of(trigger_due_integrations{}); }
};

TEST_F(shared_due_check, OneThatFallsDueMeanwhileIsLeftToTheNextCheck) {
  const auto late = add("late");
  add("due");
  const auto its_row = " WHERE integration_id = " + std::to_string(late.value);
  schema->execute("UPDATE due_integrations SET next_due_at = 9223372036854775807" + its_row);
  faults.at("trigger due integrations",
            [&] { schema->execute("UPDATE due_integrations SET next_due_at = 1" + its_row); });
  EXPECT_EQ(commit_one(check()).created.at(0), 1);
  EXPECT_EQ(reader->integrations().find(late)->schedule.status, integration_status::idle);
  EXPECT_EQ(number("SELECT COUNT(*) FROM jobs"), 1);
  EXPECT_EQ(commit_one(check()).created.at(0), 1);
  EXPECT_EQ(number("SELECT COUNT(*) FROM jobs WHERE integration_id = " + std::to_string(late.value)), 1);
}

TEST_F(shared_due_check, ATriggerThatFailedIsCountedOnce) {
  const auto id = add("fails");
  ASSERT_EQ(commit_one(check()).created.at(0), 1);
  const auto root = job_id{number("SELECT id FROM jobs")};
  ASSERT_TRUE(run(*writer, {}, {{"default", 0, false, {root}}}).not_claimed.empty());
  ASSERT_TRUE(commit_one(end_of(root, attempt_outcome::failed)).ok());
  faults.at("lock integration", [&] { EXPECT_TRUE(run(*other, {check()}).units.at(0).ok()); });
  EXPECT_TRUE(commit_one(check()).ok());
  EXPECT_EQ(reader->integrations().find(id)->schedule.consecutive_failures, 1);
  EXPECT_EQ(reader->integrations().find(id)->schedule.status, integration_status::failed);
}

TEST_F(shared_due_check, OneThatWasRepairedAndTriggeredAgainMeanwhileKeepsItsJob) {
  const auto id = add("fails");
  ASSERT_EQ(commit_one(check()).created.at(0), 1);
  const auto root = job_id{number("SELECT id FROM jobs")};
  ASSERT_TRUE(run(*writer, {}, {{"default", 0, false, {root}}}).not_claimed.empty());
  ASSERT_TRUE(commit_one(end_of(root, attempt_outcome::failed)).ok());
  faults.at("lock integration", [&] {
    EXPECT_TRUE(run(*other, {check()}).units.at(0).ok());
    schema->execute("UPDATE integrations SET next_due_at = 1; UPDATE due_integrations SET next_due_at = 1");
    EXPECT_EQ(run(*other, {check()}).units.at(0).created.at(0), 1);
  });
  EXPECT_TRUE(commit_one(check()).ok());
  EXPECT_EQ(reader->integrations().find(id)->schedule.status, integration_status::processing);
  EXPECT_EQ(reader->integrations().find(id)->schedule.consecutive_failures, 1);
}

TEST_F(shared_due_check, AParentsFirstChildMayBeAddedByTwoNodesAtOnce) {
  const auto parent = enqueue(request());
  auto child = request();
  child.parent = parent;
  unit_of_work unit;
  unit.jobs.push_back(child);
  faults.at("tie parent", [&] { EXPECT_TRUE(run(*other, {unit}).units.at(0).ok()); });
  const auto done = commit_one(unit);
  EXPECT_TRUE(done.ok()) << done.refused->message;
  EXPECT_EQ(number("SELECT open FROM job_children"), 2);
}

} // namespace
} // namespace penstock::storage
