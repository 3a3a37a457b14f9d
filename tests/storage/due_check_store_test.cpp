#include "tests/storage/store_conformance.hpp"

#include <gmock/gmock.h>

// Which integrations the due check takes, and that it takes each once.
namespace penstock::storage {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class due_check : public store_conformance {
protected:
  /// Runs the check; the integrations that it took.
  std::vector<integration_id> trigger(std::int64_t limit = 10'000) {
    taken_ = apply(trigger_due_integrations{limit});
    std::vector<integration_id> found;
    for (const auto& each : news.ready) {
      EXPECT_EQ(each.kind, "integration.process");
      EXPECT_EQ(each.queue, "default");
      found.push_back(each.integration);
    }
    EXPECT_EQ(taken_, static_cast<std::int64_t>(found.size()));
    return found;
  }
  /// Lets the waiting root job of an integration run and fail for good.
  void fail_root_of(integration_id id) {
    const auto window = jobs().ready("default", clock.now(), 1000);
    for (const auto& each : window->jobs)
      if (each.integration == id)
        end(each.id, attempt_outcome::failed);
  }
  std::int64_t taken_ = 0;
};
PENSTOCK_ON_EVERY_STORE(due_check);

TEST_P(due_check, TakesNewOnesWithAFrequencyOnce) {
  const auto id = add_probe("a", hours{1}, {3});
  add_probe("schedules of its own", duration{0});
  EXPECT_THAT(trigger(), UnorderedElementsAre(id));
  EXPECT_EQ(news.ready[0].organisation, organisation_id{3});
  EXPECT_EQ(job(news.ready[0].id).unique_key, std::to_string(id.value));
  EXPECT_EQ(news.ready[0].args, R"({"triggered_by":"due_check"})") << "the run tells who made it";
  EXPECT_EQ(integration_of(id).schedule.status, integration_status::processing);
  EXPECT_EQ(integration_of(id).schedule.last_triggered_at, clock.now());
  EXPECT_THAT(trigger(), IsEmpty());
  clock.advance(minutes{1});
  EXPECT_THAT(trigger(), IsEmpty()) << "its root job waits";
}

TEST_P(due_check, SaysInItsJobWhatItDid) {
  const auto check = [this] {
    const auto id = enqueue("probe.task");
    unit_of_work unit;
    unit.changes.push_back(trigger_due_integrations{});
    end(id, attempt_outcome::succeeded, std::move(unit));
    return job(id).result;
  };
  add_probe("a");
  const auto lost = add_probe("lost");
  EXPECT_EQ(check(), R"({"triggered":2,"repaired":0})");
  clock.advance(minutes{1});
  fail_root_of(lost);
  EXPECT_EQ(check(), R"({"triggered":0,"repaired":1})");
}

TEST_P(due_check, TakesAtMostItsLimit) {
  for (int i = 0; i < 5; ++i)
    add_probe("probe " + std::to_string(i));
  EXPECT_EQ(trigger(2).size(), 2u);
  EXPECT_EQ(trigger(2).size(), 2u);
  EXPECT_EQ(trigger(2).size(), 1u);
  EXPECT_EQ(trigger(2).size(), 0u);
}

TEST_P(due_check, LeavesThePausedDisconnectedAndUnauthorisedAlone) {
  for (const auto action :
       {integration_action::pause, integration_action::disconnect, integration_action::requires_reauth})
    apply(act_on_integration{add_probe(), action, "reason"});
  EXPECT_THAT(trigger(), IsEmpty());
  clock.advance(hours{100});
  EXPECT_THAT(trigger(), IsEmpty());
}

TEST_P(due_check, AJobThatIsOpenAlreadyIsNotDoubled) {
  const auto id = add_probe();
  auto wanted = request("integration.process");
  wanted.integration = id;
  wanted.unique_key = std::to_string(id.value);
  const auto by_hand = enqueue(wanted).id;
  EXPECT_EQ(apply(trigger_due_integrations{}), 1);
  EXPECT_TRUE(news.ready.empty());
  EXPECT_EQ(ready_ids("default"), std::vector{by_hand});
}

TEST_P(due_check, MarkTriggeredKeepsTheCheckAway) {
  const auto id = add_probe();
  apply(mark_triggered{id});
  EXPECT_EQ(integration_of(id).schedule.status, integration_status::processing);
  EXPECT_EQ(integration_of(id).schedule.last_triggered_at, clock.now());
  const auto again = answer(mark_triggered{id});
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.refused->code, error_code::conflict);
}

TEST_P(due_check, ARootThatFailsBeforeItsRunStartsMakesNoTightLoop) {
  const auto id = add_probe("fails at once", hours{1});
  trigger();
  fail_root_of(id);
  clock.advance(minutes{1});
  EXPECT_THAT(trigger(), IsEmpty());
  const auto after = integration_of(id);
  EXPECT_EQ(after.schedule.status, integration_status::failed);
  EXPECT_EQ(after.schedule.consecutive_failures, 1);
  EXPECT_EQ(after.schedule.next_due_at, clock.now() + hours{2});
  EXPECT_EQ(after.last_error, "no answer");
  EXPECT_THAT(event_types("integration.failed"), ::testing::SizeIs(1));
  clock.advance(hours{2});
  EXPECT_THAT(trigger(), UnorderedElementsAre(id));
  fail_root_of(id);
  clock.advance(minutes{1});
  EXPECT_THAT(trigger(), IsEmpty());
  EXPECT_EQ(integration_of(id).schedule.next_due_at, clock.now() + hours{4});
}

TEST_P(due_check, MarkTriggeredNeedsNoDueTime) {
  const auto id = add_probe("not due for hours", hours{1});
  trigger();
  fail_root_of(id);
  clock.advance(minutes{1});
  trigger();
  ASSERT_EQ(integration_of(id).schedule.status, integration_status::failed);
  apply(mark_triggered{id});
  EXPECT_EQ(integration_of(id).schedule.status, integration_status::processing);
}

TEST_P(due_check, ProcessingWithoutALiveRunIsRepaired) {
  const auto id = add_probe("lost", hours{1});
  unit_of_work unit;
  unit.changes.push_back(mark_triggered{id});
  auto wanted = request("integration.process");
  wanted.integration = id;
  wanted.unique_key = std::to_string(id.value);
  unit.jobs.push_back(wanted);
  const auto root = commit(unit).jobs.at(0).id;
  clock.advance(hours{2});
  EXPECT_THAT(trigger(), IsEmpty()) << "its root job still waits";
  EXPECT_EQ(integration_of(id).schedule.status, integration_status::processing);

  end(root, attempt_outcome::succeeded); // without having started a run
  std::vector<integration_id> found = trigger();
  if (found.empty())
    found = trigger(); // the check may repair first and take it the next time
  EXPECT_THAT(found, UnorderedElementsAre(id));
}

TEST_P(due_check, ARootThatAPersonCancelledIsNotBackAtOnce) {
  const auto id = add_probe("cancelled", hours{1});
  trigger();
  apply(cancel_job{news.ready.at(0).id, "by hand"});
  clock.advance(minutes{1});
  EXPECT_THAT(trigger(), IsEmpty());
  EXPECT_THAT(trigger(), IsEmpty());
  EXPECT_EQ(integration_of(id).schedule.status, integration_status::idle);
  EXPECT_EQ(integration_of(id).schedule.consecutive_failures, 0);
  clock.advance(hours{1});
  EXPECT_THAT(trigger(), UnorderedElementsAre(id));
}

} // namespace
} // namespace penstock::storage
