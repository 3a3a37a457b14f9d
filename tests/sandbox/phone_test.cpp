// The phone that exports, and the connector that takes its exports: two readings of the same documents meet here.
#include <gmock/gmock.h>

#include "connectors/testing/provider_stand_in.hpp"
#include "connectors/testing/run_driver.hpp"
#include "tests/sandbox/small_sandbox.hpp"

namespace penstock::connectors::apple_health {
void register_connector(registry& out);
}

namespace penstock::sandbox::testing {
namespace {

connectors::connector built_connector() {
  connectors::registry declared;
  connectors::apple_health::register_connector(declared);
  config::section settings;
  settings.put("webhook_secret", std::string(), false);
  settings.put("max_workout", std::int64_t{8 * 1024 * 1024}, false);
  return declared.declarations().front().build(settings).value();
}

class sandbox_phone : public ::testing::Test {
protected:
  void connect() {
    const auto reply = sandbox.ask("POST", "/sandbox/change",
                                   R"({"apple_health": {"webhook": "http://127.0.0.1:9/webhooks/apple_health/s"}})");
    ASSERT_EQ(reply.status, 200) << reply.body;
  }

  stand_in& phone() {
    for (const auto& each : sandbox.stand_ins)
      if (each->name() == "apple_health")
        return *each;
    throw std::runtime_error("no phone");
  }

  /// Takes what is sent until nothing more is, as a node would. What all of it did.
  row_counts take_all() {
    row_counts all;
    for (auto sent = phone().take_deliveries(2); !sent.empty(); sent = phone().take_deliveries(2))
      for (const auto& each : sent) {
        all += store(each);
        phone().note_delivery(each, true);
      }
    return all;
  }

  row_counts store(const delivery& sent) {
    connectors::testing::provider_stand_in nobody(
      [](const net::http_request&) -> result<net::http_response> { return failure(error_code::network, "nobody"); });
    job_request hook;
    hook.kind = "apple_health.hook";
    hook.payload = sent.body;
    const auto report = driver.run(nobody, std::vector{hook});
    EXPECT_TRUE(report.clean());
    return report.rows;
  }

  json::object totals(const std::string& table) {
    return object_of(sandbox.get("/sandbox/totals")).at("apple_health").at("tables").as_object().at(table).as_object();
  }

  std::int64_t whole(const std::string& sql) {
    const auto value = driver.tables.select(sql).rows.front().front();
    const auto* real = std::get_if<double>(&value);
    return real ? static_cast<std::int64_t>(*real) : std::get<std::int64_t>(value);
  }

  void expect_faithful_copy() {
    const auto metrics = totals("health_metrics"), workouts = totals("health_workouts");
    EXPECT_EQ(whole("SELECT count(*) FROM health_metrics WHERE deleted_at IS NULL"), metrics.at("rows").as_int64());
    for (const std::string units : {"count", "kcal", "%"})
      EXPECT_EQ(whole("SELECT sum(qty) FROM health_metrics WHERE deleted_at IS NULL AND units = '" + units + "'"),
                metrics.at("sums").at("qty").at(units).as_int64())
        << units;
    EXPECT_EQ(whole("SELECT count(*) FROM health_workouts"), workouts.at("rows").as_int64());
    EXPECT_EQ(whole("SELECT sum(energy) FROM health_workouts"), workouts.at("sums").at("energy").at("kcal").as_int64());
  }

  small_sandbox sandbox{{.data = {.health_points = 6000}}};
  connectors::testing::run_driver driver{built_connector(), "apple_health", today};
};

TEST_F(sandbox_phone, ExportsEverythingOnceAndThenWhatOverlaps) {
  connect();
  const auto first = take_all();
  EXPECT_EQ(first.added,
            totals("health_metrics").at("rows").as_int64() + totals("health_workouts").at("rows").as_int64());
  EXPECT_GE(first.added, 6000);
  expect_faithful_copy();
  EXPECT_TRUE(phone().take_deliveries(2).empty()) << "the next one is not due yet";
  sandbox.clock.advance(17min);
  const auto second = take_all();
  EXPECT_EQ(second.added, 5) << "a slot has begun";
  EXPECT_GT(second.unchanged, 1000) << "yesterday and today come again";
  EXPECT_GT(second.updated, 0) << "what was counted so far has grown";
  EXPECT_LE(second.updated, 3) << "of the slot that lasted";
  expect_faithful_copy();
}

TEST_F(sandbox_phone, DeviceThatIsHeardOfLaterDoublesNothing) {
  connect();
  take_all();
  EXPECT_EQ(sandbox.ask("POST", "/sandbox/change", R"({"apple_health": {"device": "a|b"}})").status, 400);
  EXPECT_EQ(sandbox.ask("POST", "/sandbox/change", R"({"apple_health": {"device": "Oura"}})").status, 200);
  sandbox.clock.advance(17min);
  const auto second = take_all();
  EXPECT_GT(second.deleted, 1000) << "points of yesterday and today, under the shorter list";
  EXPECT_EQ(whole("SELECT count(*) FROM health_metrics WHERE source LIKE '%Oura'"), second.deleted + 5);
  expect_faithful_copy();
}

TEST_F(sandbox_phone, PartThatNobodyTookComesAgainWithTheNextExport) {
  connect();
  auto sent = phone().take_deliveries(2);
  ASSERT_EQ(sent.size(), 2u);
  phone().note_delivery(sent[0], false);
  store(sent[1]);
  phone().note_delivery(sent[1], true);
  EXPECT_EQ(totals("health_metrics").at("rows").as_int64(), 0) << "it was not exported as a whole";
  EXPECT_TRUE(phone().take_deliveries(2).empty());
  sandbox.clock.advance(1min);
  take_all();
  expect_faithful_copy();
}

TEST_F(sandbox_phone, IsMissedForDaysAndLeavesNoGap) {
  connect();
  take_all();
  sandbox.clock.advance(std::chrono::days{5} + 3h);
  take_all();
  expect_faithful_copy();
}

TEST_F(sandbox_phone, FrozenDataAreExportedOnceMoreAndThenWhenAsked) {
  connect();
  take_all();
  sandbox.clock.advance(17min);
  sandbox.ask("POST", "/sandbox/freeze");
  sandbox.clock.advance(17min);
  EXPECT_EQ(take_all().added, 5) << "as they were when they were frozen";
  sandbox.clock.advance(1h);
  EXPECT_TRUE(phone().take_deliveries(2).empty());
  EXPECT_EQ(sandbox.ask("POST", "/sandbox/change", R"({"apple_health": {"export": true}})").status, 200);
  const auto again = take_all();
  EXPECT_FALSE(again.changed());
  EXPECT_GT(again.unchanged, 0);
}

TEST_F(sandbox_phone, WhatCannotBeIsRefused) {
  for (const std::string wanted :
       {R"({"export": true})", R"({"webhook": 7})", R"({"webhook": "x"})", R"({"more": 1})"}) {
    const auto reply = sandbox.ask("POST", "/sandbox/change", R"({"apple_health": )" + wanted + "}");
    EXPECT_EQ(reply.status, 400) << wanted;
  }
}

} // namespace
} // namespace penstock::sandbox::testing
