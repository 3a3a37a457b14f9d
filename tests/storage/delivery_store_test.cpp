#include <gmock/gmock.h>

#include <boost/json.hpp>

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

  /// Rows of a page, and one of it that is wrong.
  unit_of_work page(const std::vector<std::string>& keys) {
    unit_of_work unit;
    row_upserts batch{"probe_items", integration, {}};
    for (const auto& key : keys)
      batch.rows.push_back({key, {std::string("name"), std::int64_t{1}, 0.5}, 1});
    unit.rows.push_back(std::move(batch));
    unit.row_errors.push_back({"probe_items", {}, "no key"});
    return unit;
  }
  /// What the events that tell of updates say.
  std::vector<boost::json::object> told() {
    std::vector<boost::json::object> all;
    const auto updates = reader->events().list({.type_glob = "integration.updated"}, 100).value();
    for (const auto& each : updates)
      all.push_back(boost::json::parse(each.data).as_object());
    return all;
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

TEST_P(delivery_store, OfSeveralJobsIsToldWithTheRowsOfAll) {
  deliver(2);
  end(children[0], attempt_outcome::succeeded, page({"a", "b"}));
  EXPECT_THAT(told(), ::testing::IsEmpty()) << "one is still open";
  end(children[1], attempt_outcome::succeeded, page({"b", "c"}));
  ASSERT_EQ(told().size(), 1u);
  const auto data = told().front();
  EXPECT_EQ(data.at("delivery").as_string().c_str(), to_string(delivery));
  EXPECT_EQ(data.at("service"), "probe");
  EXPECT_EQ(data.at("state"), "completed");
  EXPECT_EQ(boost::json::serialize(data.at("rows")),
            R"({"added":3,"updated":0,"unchanged":1,"deleted":0,"errors":2})");
  EXPECT_EQ(boost::json::parse(job(delivery).result).at("rows"), data.at("rows"));
}

TEST_P(delivery_store, OfWhichAPartFailedIsToldAsNotWhole) {
  deliver(2);
  fail(children[0]);
  end(children[1], attempt_outcome::succeeded, page({"a"}));
  ASSERT_EQ(told().size(), 1u);
  EXPECT_EQ(told().front().at("state"), "completed_with_failures");
  EXPECT_EQ(told().front().at("error").as_string().c_str(), now().last_error);
  deliver(1);
  fail(children[0]);
  EXPECT_EQ(told().size(), 1u) << "nothing of it was stored: job.failed tells";
}

TEST_P(delivery_store, OfOneJobIsNotToldSinceThereMayBeManyASecond) {
  integration = add_probe("sent", duration{0});
  auto wanted = request("probe.task");
  wanted.integration = integration;
  wanted.stream = deliveries_stream;
  end(enqueue(wanted).id, attempt_outcome::succeeded, page({"a"}));
  EXPECT_EQ(now().schedule.last_successful_update_at, clock.now());
  EXPECT_THAT(event_types("integration.updated"), ::testing::IsEmpty());
}

} // namespace
} // namespace penstock::storage
