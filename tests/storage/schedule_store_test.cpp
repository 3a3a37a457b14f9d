#include "tests/storage/store_conformance.hpp"

// Schedules: rules, switches, and a firing that happens once.
namespace penstock::storage {
namespace {

using std::chrono::minutes;

class schedule_store : public store_conformance {
protected:
  static schedule nightly() {
    schedule value;
    value.name = "nightly";
    value.rule = "30 4 * * 1-5";
    value.time_zone = "Europe/London";
    value.kind = "probe.task";
    value.args = R"({"deep":true})";
    value.queue = "reports";
    value.catch_up = minutes{90};
    return value;
  }
  schedule stored(const std::string& name) {
    const auto all = reader->schedules().all();
    EXPECT_TRUE(all);
    for (const auto& each : *all)
      if (each.name == name)
        return each;
    ADD_FAILURE() << "no schedule " << name;
    return {};
  }
  unit_of_work firing(timestamp expected, timestamp occurrence) {
    unit_of_work unit;
    unit.changes.push_back(fire_schedule{"nightly", expected, occurrence});
    unit.jobs.push_back(request("probe.task", "reports"));
    return unit;
  }
};
PENSTOCK_ON_EVERY_STORE(schedule_store);

TEST_P(schedule_store, IsReadBackWhole) {
  apply(put_schedule{nightly()});
  const auto found = stored("nightly");
  EXPECT_EQ(found.rule, "30 4 * * 1-5");
  EXPECT_EQ(found.time_zone, "Europe/London");
  EXPECT_EQ(found.kind, "probe.task");
  EXPECT_EQ(found.args, R"({"deep":true})");
  EXPECT_EQ(found.queue, "reports");
  EXPECT_TRUE(found.enabled);
  EXPECT_EQ(found.catch_up, duration{minutes{90}});
  EXPECT_EQ(found.last_fired_at, no_time);
  EXPECT_EQ(found.created_at, clock.now());
}

TEST_P(schedule_store, PutAgainChangesTheRuleAndKeepsTheRest) {
  apply(put_schedule{nightly()});
  apply(enable_schedule{"nightly", false});
  apply(enable_schedule{"nightly", true});
  ASSERT_TRUE(commit(firing(no_time, clock.now())).ok());
  apply(enable_schedule{"nightly", false});
  const auto created = clock.now();
  clock.advance(minutes{1});
  auto changed = nightly();
  changed.rule = "every 30s";
  apply(put_schedule{changed});
  const auto found = stored("nightly");
  EXPECT_EQ(found.rule, "every 30s");
  EXPECT_EQ(found.last_fired_at, created);
  EXPECT_EQ(found.created_at, created);
  EXPECT_FALSE(found.enabled) << "a person switched it off";
}

TEST_P(schedule_store, ComeByName) {
  for (const auto* name : {"b", "c", "a"}) {
    auto value = nightly();
    value.name = name;
    apply(put_schedule{value});
  }
  const auto all = reader->schedules().all();
  ASSERT_EQ(all->size(), 3u);
  EXPECT_EQ((*all)[0].name, "a");
  EXPECT_EQ((*all)[2].name, "c");
  apply(remove_schedule{"b"});
  EXPECT_EQ(reader->schedules().all()->size(), 2u);
}

TEST_P(schedule_store, NonsenseIsRefused) {
  auto nameless = nightly();
  nameless.name.clear();
  auto wrong_rule = nightly();
  wrong_rule.rule = "61 * * * *";
  auto wrong_zone = nightly();
  wrong_zone.time_zone = "Europe/Nowhere";
  auto wrong_kind = nightly();
  wrong_kind.kind = "probe.unknown";
  for (const auto& each : {nameless, wrong_rule, wrong_zone, wrong_kind}) {
    const auto refused = answer(put_schedule{each});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.refused->code, error_code::invalid_argument);
  }
  EXPECT_TRUE(reader->schedules().all()->empty());
}

TEST_P(schedule_store, UnknownOnesAreNotFound) {
  for (const engine_change& change : {engine_change{remove_schedule{"x"}}, engine_change{enable_schedule{"x", true}},
                                      engine_change{fire_schedule{"x", no_time, clock.now()}}})
    EXPECT_EQ(answer(change).refused->code, error_code::not_found);
}

TEST_P(schedule_store, AnOccurrenceFiresOnce) {
  apply(put_schedule{nightly()});
  const auto first = clock.now();
  EXPECT_TRUE(commit(firing(no_time, first)).ok());
  EXPECT_EQ(stored("nightly").last_fired_at, first);
  const auto again = commit(firing(no_time, first));
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.refused->code, error_code::conflict);
  EXPECT_EQ(ready_ids("reports").size(), 1u) << "the jobs of the second firing are refused with it";
  EXPECT_TRUE(commit(firing(first, first + minutes{1})).ok());
  EXPECT_EQ(ready_ids("reports").size(), 2u);
}

TEST_P(schedule_store, TwoLeadersInOneCommitFireOnce) {
  apply(put_schedule{nightly()});
  const auto done = commit_group({firing(no_time, clock.now()), firing(no_time, clock.now())});
  const auto& answers = done.batches.front().units;
  EXPECT_TRUE(answers[0].ok());
  EXPECT_FALSE(answers[1].ok());
  EXPECT_EQ(ready_ids("reports").size(), 1u);
}

TEST_P(schedule_store, AClockThatStepsBackFiresNothingTwice) {
  apply(put_schedule{nightly()});
  const auto first = clock.now();
  ASSERT_TRUE(commit(firing(no_time, first)).ok());
  const auto back = commit(firing(first, first - minutes{1}));
  ASSERT_FALSE(back.ok());
  EXPECT_EQ(back.refused->code, error_code::conflict);
  EXPECT_EQ(stored("nightly").last_fired_at, first);
}

TEST_P(schedule_store, ADisabledOneDoesNotFire) {
  apply(put_schedule{nightly()});
  apply(enable_schedule{"nightly", false});
  EXPECT_EQ(commit(firing(no_time, clock.now())).refused->code, error_code::conflict);
  EXPECT_TRUE(ready_ids("reports").empty());
}

} // namespace
} // namespace penstock::storage
