#include "tests/storage/store_conformance.hpp"

// What firings make, under each overlap policy, and what is kept of them.
namespace penstock::storage {
namespace {

using namespace std::chrono_literals;

class schedule_firing_store : public store_conformance {
protected:
  schedule often(overlap_policy overlap = overlap_policy::skip) {
    schedule value;
    value.name = "often";
    value.rule = "every 1 m";
    value.kind = "probe.task";
    value.queue = "reports";
    value.overlap = overlap;
    apply(add_schedule{value});
    return value;
  }
  /// The next occurrence, a minute later.
  schedule_firing fire() {
    clock.advance(1min);
    const auto last = reader->schedules().find("often")->last_fired_at;
    const auto done = answer(fire_schedule{.name = "often", .expected_last = last, .occurrence = clock.now()});
    EXPECT_TRUE(done.ok()) << done.refused->message;
    EXPECT_EQ(done.firings.size(), 1u);
    return done.firings.empty() ? schedule_firing{} : done.firings.front();
  }
  schedule_firing trigger() {
    const auto done = answer(fire_schedule{.name = "often", .reason = firing_reason::manual});
    EXPECT_TRUE(done.ok()) << done.refused->message;
    return done.firings.empty() ? schedule_firing{} : done.firings.front();
  }
  std::vector<firing_outcome> outcomes() {
    std::vector<firing_outcome> all;
    const auto page = reader->schedules().occurrences("often", {});
    for (const auto& each : page->items)
      all.insert(all.begin(), each.outcome);
    return all;
  }
  std::vector<job_id> due() { return ready_ids("reports"); }
};
PENSTOCK_ON_EVERY_STORE(schedule_firing_store);

using enum firing_outcome;
using outcome_list = std::vector<firing_outcome>;

TEST_P(schedule_firing_store, SkipMakesNothingWhileAnEarlierJobIsOpenAndSaysSo) {
  often();
  const auto first = fire();
  ASSERT_EQ(first.jobs.size(), 1u);
  EXPECT_EQ(job(first.jobs[0]).triggered_by, "schedule:often");
  const auto second = fire();
  EXPECT_EQ(second.outcome, skipped);
  EXPECT_TRUE(second.jobs.empty());
  EXPECT_NE(second.note.find(std::to_string(first.jobs[0].value)), std::string::npos) << second.note;
  EXPECT_EQ(reader->schedules().find("often")->last_outcome, skipped);
  EXPECT_EQ(reader->schedules().find("often")->last_fired_at, clock.now()) << "it was decided";
  claim("reports", 0, first.jobs);
  EXPECT_EQ(fire().outcome, skipped) << "it runs";
  end(first.jobs[0], attempt_outcome::retry);
  EXPECT_EQ(fire().outcome, skipped) << "it waits for its retry";
  clock.advance(2min);
  end(first.jobs[0], attempt_outcome::failed);
  EXPECT_EQ(fire().outcome, fired);
  EXPECT_EQ(outcomes(), (outcome_list{fired, skipped, skipped, skipped, fired}));
}

TEST_P(schedule_firing_store, AJobThatAwaitsItsChildrenIsOpen) {
  often();
  const auto first = fire();
  unit_of_work with_child;
  with_child.jobs.push_back(request("probe.page"));
  with_child.jobs.back().parent = first.jobs[0];
  end(first.jobs[0], attempt_outcome::succeeded, std::move(with_child));
  EXPECT_EQ(job(first.jobs[0]).state, job_state::awaiting_children);
  EXPECT_EQ(fire().outcome, skipped);
}

TEST_P(schedule_firing_store, QueueOneLetsOneWaitForItsTurn) {
  often(overlap_policy::queue_one);
  const auto first = fire();
  EXPECT_EQ(first.outcome, fired);
  const auto second = fire();
  EXPECT_EQ(second.outcome, queued);
  EXPECT_EQ(fire().outcome, skipped);
  EXPECT_EQ(due(), first.jobs) << "the second waits for the first";
  end(first.jobs[0], attempt_outcome::succeeded);
  EXPECT_EQ(due(), second.jobs);
  EXPECT_EQ(fire().outcome, queued);
}

TEST_P(schedule_firing_store, QueueAllLetsEachWaitForItsTurn) {
  often(overlap_policy::queue_all);
  std::vector<schedule_firing> all;
  for (int i = 0; i < 5; ++i)
    all.push_back(fire());
  EXPECT_EQ(outcomes(), (outcome_list{fired, queued, queued, queued, queued}));
  for (const auto& each : all) {
    EXPECT_EQ(due(), each.jobs);
    end(each.jobs[0], attempt_outcome::succeeded);
  }
  EXPECT_TRUE(due().empty());
}

TEST_P(schedule_firing_store, CancelRunningEndsWhatWaitsAndNamesWhatRuns) {
  often(overlap_policy::cancel_running);
  const auto first = fire();
  const auto second = fire();
  EXPECT_EQ(second.outcome, fired) << "what it replaces had not begun";
  EXPECT_EQ(job(first.jobs[0]).state, job_state::cancelled);
  EXPECT_EQ(second.cancelled, first.jobs);
  claim("reports", 0, second.jobs);
  const auto third = fire();
  EXPECT_EQ(third.outcome, queued);
  EXPECT_EQ(third.to_stop, second.jobs);
  EXPECT_EQ(job(second.jobs[0]).state, job_state::active) << "its queue ends it";
  EXPECT_EQ(due(), second.jobs) << "the new one waits until it has";
  end(second.jobs[0], attempt_outcome::cancelled);
  EXPECT_EQ(due(), third.jobs);
}

TEST_P(schedule_firing_store, AllowRunsThemBesideEachOther) {
  often(overlap_policy::allow);
  fire();
  fire();
  fire();
  EXPECT_EQ(due().size(), 3u);
  EXPECT_EQ(outcomes(), (outcome_list{fired, fired, fired}));
}

TEST_P(schedule_firing_store, AChangedPolicyCountsWhatIsOpenAlready) {
  often(overlap_policy::allow);
  fire();
  fire();
  edit_schedule edit{.name = "often"};
  edit.overlap = overlap_policy::skip;
  apply(edit);
  EXPECT_EQ(fire().outcome, skipped);
}

TEST_P(schedule_firing_store, SeveralJobsOfAFiringAreStaggered) {
  schedule value;
  value.name = "often";
  value.rule = "every 1 m";
  value.kind = "probe.task";
  value.args = R"({"at":"{occurrence}"})";
  value.queue = "reports";
  value.stagger = 10s;
  value.more_jobs = {{"probe.page", R"({"n":2})"}, {"probe.task", "{}", "other"}};
  apply(add_schedule{value});
  clock.advance(1min);
  const auto done = answer(fire_schedule{.name = "often", .occurrence = clock.now() - 5s, .delay = 3s});
  ASSERT_EQ(done.firings.size(), 1u);
  const auto& jobs_made = done.firings[0].jobs;
  ASSERT_EQ(jobs_made.size(), 3u);
  EXPECT_EQ(job(jobs_made[0]).job.run_at, clock.now() + 3s);
  EXPECT_EQ(job(jobs_made[0]).job.args, R"({"at":"2024-01-15T12:00:55Z"})");
  EXPECT_EQ(job(jobs_made[1]).job.run_at, clock.now() + 13s);
  EXPECT_EQ(job(jobs_made[1]).job.queue, "process") << "its kind's";
  EXPECT_EQ(job(jobs_made[2]).job.run_at, clock.now() + 23s);
  EXPECT_EQ(job(jobs_made[2]).job.queue, "other");
}

TEST_P(schedule_firing_store, AManualTriggerKeepsToThePolicyAndMovesNoOccurrence) {
  often();
  apply(enable_schedule{"often", false});
  const auto by_hand = trigger();
  EXPECT_EQ(by_hand.outcome, fired) << "also of a disabled one";
  EXPECT_EQ(by_hand.at, clock.now());
  EXPECT_EQ(reader->schedules().find("often")->last_fired_at, no_time);
  const auto again = trigger();
  EXPECT_EQ(again.outcome, skipped);
  EXPECT_GT(again.at, by_hand.at) << "each is kept for itself";
  EXPECT_EQ(outcomes(), (outcome_list{fired, skipped}));
}

TEST_P(schedule_firing_store, AScheduleThatWasChangedMeanwhileDoesNotFireItsOldRule) {
  often();
  const auto planned = reader->schedules().find("often").value();
  clock.advance(1min);
  edit_schedule edit{.name = "often"};
  edit.rule = "0 4 * * *";
  apply(edit);
  const auto late =
    answer(fire_schedule{.name = "often", .expected_effective = planned.effective_from, .occurrence = clock.now()});
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.refused->code, error_code::conflict);
  EXPECT_TRUE(due().empty());
}

TEST_P(schedule_firing_store, WhatWasMissedIsToldOnce) {
  often();
  const auto made = reader->schedules().find("often").value();
  clock.advance(72h);
  const missed_occurrences missed{4'319, made.created_at + 1min, clock.now() - 1min};
  EXPECT_TRUE(answer(fire_schedule{
                       .name = "often", .reason = firing_reason::catch_up, .occurrence = clock.now(), .missed = missed})
                .ok());
  ASSERT_EQ(event_types("schedule.missed").size(), 1u);
  const auto told = reader->events().list({.type_glob = "schedule.missed"}, 10);
  EXPECT_EQ(told->front().subject, "schedules/often");
  EXPECT_NE(told->front().data.find("\"missed\":4319"), std::string::npos) << told->front().data;
}

TEST_P(schedule_firing_store, WhatIsTooOldIsNotedAndCountsNoMore) {
  often();
  const auto made = reader->schedules().find("often").value();
  clock.advance(72h);
  const miss_schedule miss{"often", no_time, made.effective_from, {3, made.created_at + 1min, clock.now() - 2h}};
  EXPECT_TRUE(answer(miss).ok());
  EXPECT_EQ(reader->schedules().find("often")->effective_from, clock.now() - 2h);
  EXPECT_EQ(reader->schedules().find("often")->last_fired_at, no_time);
  EXPECT_EQ(outcomes(), (outcome_list{missed}));
  EXPECT_EQ(event_types("schedule.missed").size(), 1u);
  EXPECT_EQ(answer(miss).refused->code, error_code::conflict) << "of two nodes one tells";
  EXPECT_TRUE(due().empty());
}

TEST_P(schedule_firing_store, ABackfillMakesEachOccurrenceOnce) {
  often();
  const auto start = clock.now();
  clock.advance(24h);
  backfill_schedule wanted{"often", {}};
  for (int i = 0; i < 7; ++i)
    wanted.occurrences.push_back(start + i * 1min);
  EXPECT_EQ(answer(wanted).firings.size(), 7u);
  EXPECT_EQ(answer(wanted).firings.size(), 0u) << "asked twice";
  EXPECT_EQ(reader->schedules().fired_between("often", start, clock.now())->size(), 7u);
  EXPECT_EQ(due().size(), 1u) << "one after another";
  EXPECT_EQ(reader->schedules().find("often")->last_fired_at, no_time);
  const auto page = reader->schedules().occurrences("often", {.limit = 3});
  ASSERT_EQ(page->items.size(), 3u);
  EXPECT_EQ(page->items[0].at, start + 6min);
  EXPECT_EQ(page->items[0].reason, firing_reason::backfill);
  const auto rest = reader->schedules().occurrences("often", {.cursor = page->next_cursor, .limit = 200});
  EXPECT_EQ(rest->items.size(), 4u);
  EXPECT_EQ(rest->next_cursor, "");
  wanted.occurrences.assign(backfill_schedule::most + 1, start);
  EXPECT_EQ(answer(wanted).refused->code, error_code::invalid_argument);
}

TEST_P(schedule_firing_store, ABackfillMakesGoodWhatWasSkipped) {
  often();
  const auto first = fire();
  const auto second = fire();
  ASSERT_EQ(second.outcome, skipped);
  const auto done = answer(backfill_schedule{"often", {first.at, second.at}});
  ASSERT_EQ(done.firings.size(), 1u);
  EXPECT_EQ(done.firings[0].at, second.at);
  EXPECT_EQ(outcomes(), (outcome_list{fired, fired}));
}

TEST_P(schedule_firing_store, OldOccurrencesAreSweptByWhenTheyWereDecided) {
  often();
  fire();
  fire();
  clock.advance(24h);
  const auto done = answer(sweep_history{.occurrences_before = clock.now() - 24h});
  ASSERT_EQ(done.created.size(), 7u);
  EXPECT_EQ(done.created[4], 1);
  EXPECT_EQ(outcomes().size(), 1u);
}

} // namespace
} // namespace penstock::storage
