#include <gmock/gmock.h>

#include "core/id_text.hpp"
#include "storage/delivery_stream.hpp"
#include "tests/storage/store_conformance.hpp"

// The end of a delivery, and of the jobs that it was cut into, is what its integration tells of.
namespace penstock::storage {
namespace {

class delivery_store : public store_conformance {
protected:
  /// A delivery of an integration whose own work is done, and its children.
  void deliver(int count) {
    if (!integration)
      integration = add_probe("sent", duration{0});
    auto wanted = request("probe.task");
    wanted.integration = integration;
    wanted.stream = deliveries_stream;
    delivery = enqueue(wanted).id;
    auto child = request("probe.page");
    child.integration = integration;
    child.parent = delivery;
    unit_of_work rest;
    rest.jobs.assign(static_cast<std::size_t>(count), child);
    children.clear();
    for (const auto& each : end(delivery, attempt_outcome::succeeded, std::move(rest)).jobs)
      children.push_back(each.id);
    ASSERT_EQ(children.size(), static_cast<std::size_t>(count));
  }
  penstock::integration now() { return integration_of(integration); }
  /// Fails for good.
  void fail(job_id id) {
    unit_of_work unit;
    unit.ends.emplace();
    unit.ends->job = id;
    unit.ends->outcome = attempt_outcome::failed;
    unit.ends->failure = error{error_code::invalid_argument, "it is broken"};
    ASSERT_TRUE(commit(std::move(unit)).ok());
  }

  integration_id integration;
  job_id delivery;
  std::vector<job_id> children;
};
PENSTOCK_ON_EVERY_STORE(delivery_store);

TEST_P(delivery_store, IsASuccessWhenAllItsJobsAre) {
  deliver(2);
  end(children[0], attempt_outcome::succeeded);
  EXPECT_EQ(now().schedule.last_successful_update_at, no_time) << "one is still open";
  clock.advance(std::chrono::minutes(1));
  end(children[1], attempt_outcome::succeeded);
  EXPECT_EQ(now().schedule.last_successful_update_at, clock.now());
  EXPECT_EQ(now().last_error, "");
}

TEST_P(delivery_store, OfWhichAPartFailedTellsHowManyAndWhereToLook) {
  deliver(2);
  fail(children[0]);
  end(children[1], attempt_outcome::succeeded);
  EXPECT_EQ(now().schedule.last_successful_update_at, clock.now()) << "what was stored of it counts";
  EXPECT_EQ(now().last_error,
            "1 of the 2 jobs of a delivery did not complete: penstock jobs show " + to_string(delivery));
  deliver(3);
  apply(cancel_job{children[2], ""});
  fail(children[1]);
  end(children[0], attempt_outcome::succeeded);
  EXPECT_EQ(now().last_error,
            "2 of the 3 jobs of a delivery did not complete: penstock jobs show " + to_string(delivery));
}

TEST_P(delivery_store, ThatWentWellForgetsWhatWasWrongWithTheOneBefore) {
  deliver(2);
  fail(children[0]);
  end(children[1], attempt_outcome::succeeded);
  deliver(1);
  end(children[0], attempt_outcome::succeeded);
  EXPECT_EQ(now().last_error, "");
}

} // namespace
} // namespace penstock::storage
