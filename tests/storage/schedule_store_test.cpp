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
  static unit_of_work unit_of(engine_change change) {
    unit_of_work unit;
    unit.changes.push_back(std::move(change));
    return unit;
  }
  static fire_schedule firing(timestamp expected, timestamp occurrence) {
    return {.name = "nightly", .expected_last = expected, .occurrence = occurrence};
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
  EXPECT_EQ(found.effective_from, clock.now());
  EXPECT_EQ(found.overlap, overlap_policy::skip);
  EXPECT_TRUE(found.declared);
}

TEST_P(schedule_store, EveryPartOfADefinitionIsDurable) {
  auto value = nightly();
  value.overlap = overlap_policy::queue_all;
  value.weekdays = 1 << 1 | 1 << 3;
  value.jitter = minutes{3};
  value.stagger = minutes{1};
  value.more_jobs = {{"probe.page", R"({"n":1})", "other"}, {"probe.task"}};
  apply(add_schedule{value});
  const auto found = reader->schedules().find("nightly").value();
  EXPECT_EQ(found.overlap, overlap_policy::queue_all);
  EXPECT_EQ(found.weekdays, 1 << 1 | 1 << 3);
  EXPECT_EQ(found.jitter, duration{minutes{3}});
  EXPECT_EQ(found.stagger, duration{minutes{1}});
  EXPECT_EQ(found.more_jobs, value.more_jobs);
  EXPECT_FALSE(found.declared);
  EXPECT_EQ(answer(add_schedule{value}).refused->code, error_code::conflict);
  EXPECT_EQ(reader->schedules().find("x").error().code, error_code::not_found);
}

TEST_P(schedule_store, EditsOutliveTheDeclarationOfTheNextStart) {
  apply(put_schedule{nightly()});
  edit_schedule edit{.name = "nightly"};
  edit.rule = "0 6 * * *";
  edit.overlap = overlap_policy::allow;
  apply(edit);
  auto declared = nightly();
  declared.time_zone = "Europe/Paris"; // a new version of the program says so
  apply(put_schedule{declared});
  const auto found = stored("nightly");
  EXPECT_EQ(found.rule, "0 6 * * *");
  EXPECT_EQ(found.overlap, overlap_policy::allow);
  EXPECT_EQ(found.time_zone, "Europe/Paris") << "nobody edited that";
  EXPECT_NE(found.edited, 0u);
}

TEST_P(schedule_store, AChangedRuleHoldsFromNowOnAndOtherEditsDoNotTouchThat) {
  apply(put_schedule{nightly()});
  const auto made = clock.now();
  clock.advance(minutes{5});
  edit_schedule args{.name = "nightly"};
  args.args = "{}";
  apply(args);
  EXPECT_EQ(stored("nightly").effective_from, made);
  edit_schedule rule{.name = "nightly"};
  rule.rule = "every 5 m";
  apply(rule);
  EXPECT_EQ(stored("nightly").effective_from, clock.now());
  clock.advance(minutes{5});
  apply(put_schedule{nightly()});
  EXPECT_EQ(stored("nightly").effective_from, clock.now() - minutes{5}) << "the same declaration changes nothing";
  apply(enable_schedule{"nightly", false});
  apply(enable_schedule{"nightly", true});
  EXPECT_EQ(stored("nightly").effective_from, clock.now()) << "what it did not do while disabled was not missed";
}

TEST_P(schedule_store, ANodesOwnScheduleIsNotRemovedButAPersonsIs) {
  apply(put_schedule{nightly()});
  EXPECT_EQ(answer(remove_schedule{"nightly"}).refused->code, error_code::conflict);
  auto mine = nightly();
  mine.name = "mine";
  apply(add_schedule{mine});
  apply(fire_schedule{.name = "mine", .occurrence = clock.now()});
  apply(remove_schedule{"mine"});
  EXPECT_TRUE(reader->schedules().occurrences("mine", {})->items.empty());
}

TEST_P(schedule_store, PutAgainChangesTheRuleAndKeepsTheRest) {
  apply(put_schedule{nightly()});
  apply(enable_schedule{"nightly", false});
  apply(enable_schedule{"nightly", true});
  ASSERT_TRUE(answer(firing(no_time, clock.now())).ok());
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
    apply(add_schedule{value});
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
  for (const engine_change& change :
       {engine_change{remove_schedule{"x"}}, engine_change{enable_schedule{"x", true}},
        engine_change{fire_schedule{.name = "x", .occurrence = clock.now()}}, engine_change{edit_schedule{.name = "x"}},
        engine_change{fire_schedule{.name = "x", .reason = firing_reason::manual}},
        engine_change{backfill_schedule{"x", {}}}})
    EXPECT_EQ(answer(change).refused->code, error_code::not_found);
}

TEST_P(schedule_store, AnOccurrenceFiresOnce) {
  apply(put_schedule{nightly()});
  const auto first = clock.now();
  EXPECT_TRUE(answer(firing(no_time, first)).ok());
  EXPECT_EQ(stored("nightly").last_fired_at, first);
  const auto again = answer(firing(no_time, first));
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.refused->code, error_code::conflict);
  EXPECT_EQ(ready_ids("reports").size(), 1u) << "the jobs of the second firing are refused with it";
  end(ready_ids("reports").front(), attempt_outcome::succeeded);
  EXPECT_TRUE(answer(firing(first, first + minutes{1})).ok());
  EXPECT_EQ(ready_ids("reports").size(), 1u);
}

TEST_P(schedule_store, TwoLeadersInOneCommitFireOnce) {
  apply(put_schedule{nightly()});
  const auto done = commit_group({unit_of(firing(no_time, clock.now())), unit_of(firing(no_time, clock.now()))});
  const auto& answers = done.batches.front().units;
  EXPECT_TRUE(answers[0].ok());
  EXPECT_FALSE(answers[1].ok());
  EXPECT_EQ(ready_ids("reports").size(), 1u);
}

TEST_P(schedule_store, AClockThatStepsBackFiresNothingTwice) {
  apply(put_schedule{nightly()});
  const auto first = clock.now();
  ASSERT_TRUE(answer(firing(no_time, first)).ok());
  const auto back = answer(firing(first, first - minutes{1}));
  ASSERT_FALSE(back.ok());
  EXPECT_EQ(back.refused->code, error_code::conflict);
  EXPECT_EQ(stored("nightly").last_fired_at, first);
}

TEST_P(schedule_store, ADisabledOneDoesNotFire) {
  apply(put_schedule{nightly()});
  apply(enable_schedule{"nightly", false});
  EXPECT_EQ(answer(firing(no_time, clock.now())).refused->code, error_code::conflict);
  EXPECT_TRUE(ready_ids("reports").empty());
}

} // namespace
} // namespace penstock::storage
