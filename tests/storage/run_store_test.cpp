#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

#include "core/id_text.hpp"
#include "tests/storage/run_fixture.hpp"

// Runs: one at a time, pages in order, the cursor with the page's rows, an end that follows from the jobs.
namespace penstock::storage {
namespace {

using std::chrono::hours;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

PENSTOCK_ON_EVERY_STORE(run_store);

TEST_P(run_store, StartsWithItsRootJob) {
  begin_run();
  const auto found = stored();
  EXPECT_EQ(found.state, run_state::running);
  EXPECT_EQ(found.integration, integration);
  EXPECT_EQ(found.root, root);
  EXPECT_EQ(found.started_at, clock.now());
  EXPECT_EQ(found.ended_at, no_time);
  EXPECT_EQ(found.triggered_by, "due_check");
  EXPECT_EQ(integration_of(integration).live_run, run);
  EXPECT_EQ(integration_of(integration).schedule.status, integration_status::processing);
  EXPECT_EQ(job(root).state, job_state::awaiting_children);
}

TEST_P(run_store, OneAtATime) {
  begin_run();
  const auto refused = answer(start_run{ids.make<run_id>(), integration, root, "again"});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.refused->code, error_code::conflict);
  EXPECT_EQ(answer(mark_triggered{integration}).refused->code, error_code::conflict);
  EXPECT_EQ(answer(reset_cursor{integration, "", ""}).refused->code, error_code::conflict);
  EXPECT_EQ(integration_of(integration).live_run, run);
}

TEST_P(run_store, APageMovesTheCursorWithItsRows) {
  begin_run();
  const auto process = page_of_fetch();
  EXPECT_FALSE(cursor()) << "fetched is not committed";
  const auto done = end(process, attempt_outcome::succeeded, page(1, "c1"));
  ASSERT_TRUE(done.ok()) << done.refused->message;
  EXPECT_EQ(cursor()->cursor, "c1");
  EXPECT_EQ(cursor()->page, 1);
  EXPECT_EQ(cursor()->run, run);
  EXPECT_EQ(stored().rows.added, 1);
  EXPECT_EQ(stored().pages, 1);
  EXPECT_EQ(integrations().cursors(integration)->size(), 1u);
  EXPECT_THAT(event_types(), Contains("records.changed"));
  const auto changed = reader->events().list({.type_glob = "records.changed"}, 10);
  ASSERT_TRUE(changed && changed->size() == 1);
  const auto data = boost::json::parse(changed->front().data).as_object();
  EXPECT_EQ(data.at("run"), to_string(run).c_str());
  EXPECT_EQ(data.at("added"), 1);
}

TEST_P(run_store, APageThatMovesTheCursorAloneTellsNoChangeOfRecords) {
  begin_run();
  auto quiet = page(1, "c1");
  quiet.rows.clear();
  const auto done = end(page_of_fetch(), attempt_outcome::succeeded, std::move(quiet));
  ASSERT_TRUE(done.ok()) << done.refused->message;
  EXPECT_EQ(cursor()->cursor, "c1");
  EXPECT_EQ(stored().pages, 1);
  EXPECT_THAT(event_types("records.*"), IsEmpty());
}

TEST_P(run_store, APageOutOfOrderIsRefusedWithItsRows) {
  begin_run();
  const auto refused = commit(page(2, "c2"));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.refused->code, error_code::conflict);
  EXPECT_FALSE(cursor());
  EXPECT_TRUE(reader->rows().select("SELECT 1 FROM probe_items", {})->rows.empty());
  EXPECT_TRUE(commit(page(1, "c1")).ok());
  EXPECT_TRUE(commit(page(2, "c2")).ok());
  EXPECT_FALSE(commit(page(2, "c2")).ok()) << "a page is stored once";
  EXPECT_EQ(cursor()->cursor, "c2");
}

TEST_P(run_store, ANewRunCountsPagesFromOneAndStartsAtTheCursor) {
  begin_run();
  commit(page(1, "c1"));
  end(first_fetch, attempt_outcome::succeeded);
  clock.advance(hours{2});
  apply(trigger_due_integrations{});
  root = news.ready.at(0).id;
  run = ids.make<run_id>();
  apply(start_run{run, integration, root, "due_check"});
  EXPECT_EQ(cursor()->cursor, "c1");
  EXPECT_TRUE(commit(page(1, "c2")).ok());
  EXPECT_EQ(cursor()->cursor, "c2");
  EXPECT_EQ(cursor()->run, run);
}

TEST_P(run_store, ItsEndIsTheLastJobsEnd) {
  begin_run();
  const auto process = page_of_fetch();
  EXPECT_EQ(stored().state, run_state::running);
  EXPECT_EQ(integration_of(integration).schedule.last_successful_update_at, no_time) << "fetched, and not yet stored";
  clock.advance(std::chrono::minutes{1});
  end(process, attempt_outcome::succeeded, page(1, "c1"));
  EXPECT_EQ(stored().state, run_state::completed);
  EXPECT_EQ(stored().ended_at, clock.now());
  EXPECT_EQ(job(root).state, job_state::completed);
  const auto after = integration_of(integration);
  EXPECT_FALSE(after.live_run);
  EXPECT_EQ(after.schedule.status, integration_status::idle);
  EXPECT_EQ(after.schedule.last_successful_update_at, clock.now());
  EXPECT_EQ(after.schedule.next_due_at, clock.now() + hours{1});
  EXPECT_EQ(after.last_error, "");
  EXPECT_THAT(event_types("integration.*"), Contains("integration.updated"));
}

TEST_P(run_store, AFinalFailureMakesTheIntegrationWait) {
  begin_run();
  end(first_fetch, attempt_outcome::failed);
  EXPECT_EQ(stored().state, run_state::failed);
  const auto after = integration_of(integration);
  EXPECT_EQ(after.schedule.status, integration_status::failed);
  EXPECT_EQ(after.schedule.consecutive_failures, 1);
  EXPECT_EQ(after.schedule.last_triggered_at, no_time);
  EXPECT_EQ(after.schedule.next_due_at, clock.now() + hours{2});
  EXPECT_NE(after.last_error, "");
  EXPECT_THAT(event_types("integration.*"), Contains("integration.failed"));
}

TEST_P(run_store, ThatItStillFailsIsNoNewsAndThatItRecoversIs) {
  begin_run();
  end(first_fetch, attempt_outcome::failed);
  for (int again = 0; again < 3; ++again) {
    clock.advance(hours{25});
    begin_run();
    end(first_fetch, attempt_outcome::failed);
  }
  EXPECT_EQ(integration_of(integration).schedule.consecutive_failures, 4);
  EXPECT_THAT(event_types("integration.*"), ElementsAre("integration.connected", "integration.failed"));
  clock.advance(hours{25});
  begin_run();
  end(first_fetch, attempt_outcome::succeeded);
  clock.advance(hours{25});
  begin_run();
  end(first_fetch, attempt_outcome::succeeded);
  EXPECT_THAT(event_types("integration.*"),
              ElementsAre("integration.connected", "integration.failed", "integration.updated", "integration.recovered",
                          "integration.updated"));
}

TEST_P(run_store, ARetryBetweenAttemptsLeavesTheIntegrationAlone) {
  begin_run();
  const auto before = integration_of(integration).schedule;
  end(first_fetch, attempt_outcome::retry);
  EXPECT_EQ(integration_of(integration).schedule, before);
  EXPECT_EQ(stored().state, run_state::running);
}

TEST_P(run_store, PausedMeanwhileItEndsAndStaysPaused) {
  begin_run();
  apply(act_on_integration{integration, integration_action::pause, ""});
  EXPECT_EQ(integration_of(integration).live_run, run);
  end(first_fetch, attempt_outcome::succeeded);
  EXPECT_EQ(stored().state, run_state::completed);
  const auto after = integration_of(integration);
  EXPECT_EQ(after.schedule.status, integration_status::paused);
  EXPECT_FALSE(after.live_run);
  EXPECT_EQ(after.schedule.next_due_at, no_time);
}

TEST_P(run_store, ResumedMeanwhileStartsNothingBesideIt) {
  begin_run();
  apply(act_on_integration{integration, integration_action::pause, ""});
  apply(act_on_integration{integration, integration_action::resume, ""});
  EXPECT_EQ(integration_of(integration).schedule.status, integration_status::processing);
  clock.advance(hours{3});
  EXPECT_EQ(apply(trigger_due_integrations{}), 0);
  end(first_fetch, attempt_outcome::succeeded);
  EXPECT_EQ(integration_of(integration).schedule.status, integration_status::idle);
}

TEST_P(run_store, ACancelledRunWaitsOneFrequency) {
  begin_run();
  clock.advance(std::chrono::minutes{5});
  apply(cancel_job{root, "by hand"});
  EXPECT_EQ(stored().state, run_state::cancelled);
  const auto after = integration_of(integration).schedule;
  EXPECT_EQ(after.status, integration_status::idle);
  EXPECT_EQ(after.last_triggered_at, clock.now() - std::chrono::minutes{5});
  EXPECT_EQ(after.next_due_at, clock.now() + hours{1});
  EXPECT_EQ(apply(trigger_due_integrations{}), 0);
}

TEST_P(run_store, ALossOfConsentIsToldOnceWhoeverTellsItFirst) {
  begin_run();
  apply(act_on_integration{integration, integration_action::requires_reauth, "revoked"});
  lose_consent(first_fetch);
  EXPECT_EQ(stored().state, run_state::failed);
  EXPECT_EQ(integration_of(integration).schedule.status, integration_status::requires_reauth);
  EXPECT_THAT(event_types("integration.*"), ElementsAre("integration.connected", "integration.requires_reauth"));
}

TEST_P(run_store, AfterALossOfConsentNothingMoreOfTheRunIsAskedAndWhatWasFetchedIsStored) {
  begin_run();
  auto other = fetch();
  other.stream = "balances";
  const auto waits = enqueue(other).id;
  other.stream = "pots";
  const auto runs = enqueue(other).id;
  other.kind = "probe.page";
  other.stream = "accounts";
  const auto fetched = enqueue(other).id;
  claim("fetch", 0, {runs});
  lose_consent(first_fetch);
  EXPECT_EQ(job(waits).state, job_state::cancelled);
  EXPECT_EQ(job(runs).state, job_state::active) << "it finds out by itself";
  EXPECT_EQ(job(fetched).state, job_state::waiting);
  EXPECT_EQ(stored().state, run_state::running);
  lose_consent(runs);
  end(fetched, attempt_outcome::succeeded);
  EXPECT_EQ(stored().state, run_state::completed_with_failures);
  EXPECT_EQ(integration_of(integration).schedule.status, integration_status::requires_reauth);
}

TEST_P(run_store, WhateverElseFailsWhileItWaitsForAConsentIsNoFurtherAlert) {
  begin_run();
  apply(act_on_integration{integration, integration_action::requires_reauth, "revoked"});
  end(first_fetch, attempt_outcome::failed);
  EXPECT_EQ(stored().state, run_state::failed);
  EXPECT_EQ(integration_of(integration).schedule.status, integration_status::requires_reauth);
  EXPECT_THAT(event_types("integration.*"), ElementsAre("integration.connected", "integration.requires_reauth"));
}

TEST_P(run_store, ALossOfConsentThatTheRunsEndToldIsNotToldAgain) {
  begin_run();
  lose_consent(first_fetch);
  apply(act_on_integration{integration, integration_action::requires_reauth, "revoked"});
  EXPECT_EQ(integration_of(integration).schedule.status, integration_status::requires_reauth);
  EXPECT_THAT(event_types("integration.*"), ElementsAre("integration.connected", "integration.requires_reauth"));
}

TEST_P(run_store, FreshConsentOutlivesTheRunThatLostTheOldOne) {
  begin_run();
  auto other = fetch();
  other.stream = "balances";
  const auto other_job = enqueue(other).id;
  claim("fetch", 0, {other_job});
  lose_consent(first_fetch);
  EXPECT_EQ(stored().error, "the consent ended");
  apply(act_on_integration{integration, integration_action::reauthorised, ""});
  EXPECT_EQ(stored().error, "");
  EXPECT_EQ(integration_of(integration).schedule.status, integration_status::processing);
  end(other_job, attempt_outcome::succeeded);
  EXPECT_EQ(stored().state, run_state::completed_with_failures);
  EXPECT_EQ(integration_of(integration).schedule.status, integration_status::idle);
  EXPECT_EQ(integration_of(integration).last_error, "");
  EXPECT_THAT(event_types("integration.*"),
              ElementsAre("integration.connected", "integration.connected", "integration.updated"));
}

TEST_P(run_store, FreshConsentLeavesAnotherErrorOfTheRun) {
  begin_run();
  auto other = fetch();
  other.stream = "balances";
  const auto other_job = enqueue(other).id;
  other.stream = "pots";
  const auto third = enqueue(other).id;
  claim("fetch", 0, {third});
  end(other_job, attempt_outcome::failed);
  lose_consent(first_fetch);
  apply(act_on_integration{integration, integration_action::requires_reauth, "revoked"});
  apply(act_on_integration{integration, integration_action::reauthorised, ""});
  EXPECT_EQ(stored().error, "no answer");
  end(third, attempt_outcome::succeeded);
  EXPECT_EQ(integration_of(integration).schedule.status, integration_status::idle);
}

TEST_P(run_store, ConsentThatIsLostAfterItWasGivenIsAskedForAgain) {
  begin_run();
  apply(act_on_integration{integration, integration_action::reauthorised, ""});
  lose_consent(first_fetch);
  EXPECT_EQ(integration_of(integration).schedule.status, integration_status::requires_reauth);
  EXPECT_THAT(event_types("integration.*"), Contains("integration.requires_reauth"));
}

TEST_P(run_store, AStoppedStreamDropsItsLaterPages) {
  begin_run();
  const auto process = page_of_fetch();
  auto other = fetch();
  other.stream = "balances";
  const auto other_job = enqueue(other).id;
  end(process, attempt_outcome::failed);
  unit_of_work late;
  late.jobs.push_back(fetch());
  const auto dropped = commit(std::move(late));
  ASSERT_TRUE(dropped.ok());
  EXPECT_TRUE(dropped.jobs.at(0).dropped);
  EXPECT_EQ(job(other_job).state, job_state::waiting) << "other streams go on";
  end(other_job, attempt_outcome::succeeded);
  EXPECT_EQ(stored().state, run_state::completed_with_failures);
}

TEST_P(run_store, AFetchThatFailsDoesNotBlockWhatWasFetchedBeforeIt) {
  begin_run();
  unit_of_work rest;
  rest.jobs = {fetch(), fetch()};
  rest.jobs.front().kind = "probe.page";
  const auto made = end(first_fetch, attempt_outcome::succeeded, std::move(rest)).jobs;
  end(made.at(1).id, attempt_outcome::failed);
  EXPECT_EQ(stored().state, run_state::running) << "the first page waits to be stored";
  EXPECT_TRUE(end(made.at(0).id, attempt_outcome::succeeded, page(1, "after 1")).ok());
  EXPECT_EQ(cursor()->cursor, "after 1");
  EXPECT_EQ(stored().state, run_state::completed_with_failures);
  EXPECT_EQ(stored().rows.added, 1);
}

TEST_P(run_store, AJobOfAStoppedStreamIsNotRetried) {
  begin_run();
  const auto process = page_of_fetch();
  auto other = fetch();
  other.stream = "balances";
  const auto other_job = enqueue(other).id;
  end(process, attempt_outcome::failed);
  const auto refused = answer(retry_job{process});
  ASSERT_FALSE(refused.ok()) << "a retry whose pages are dropped would end as completed";
  EXPECT_EQ(refused.refused->code, error_code::conflict);
  EXPECT_NE(refused.refused->message.find("penstock integrations fetch " + to_string(integration) + " --force"),
            std::string::npos)
    << refused.refused->message;
  EXPECT_EQ(job(process).state, job_state::failed);
  end(other_job, attempt_outcome::succeeded);
  EXPECT_EQ(stored().state, run_state::completed_with_failures);
  EXPECT_FALSE(answer(retry_job{process}).ok()) << "nor after the run";
}

TEST_P(run_store, AJobOfACancelledRunIsNotRetried) {
  begin_run();
  auto loose = fetch();
  loose.stream.clear();
  const auto failed = enqueue(loose).id;
  end(failed, attempt_outcome::failed);
  apply(cancel_job{root, ""});
  EXPECT_EQ(stored().state, run_state::cancelled);
  const auto refused = answer(retry_job{failed});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.refused->code, error_code::conflict);
}

TEST_P(run_store, ARetriedRootsPerfectRunIsCompleted) {
  begin_run();
  end(first_fetch, attempt_outcome::failed);
  EXPECT_EQ(stored().state, run_state::failed);
  EXPECT_EQ(apply(retry_job{root}), root.value);
  EXPECT_EQ(job(root).children.failed, 0);

  run = ids.make<run_id>();
  unit_of_work again;
  again.changes.push_back(start_run{run, integration, root, "retry"});
  again.jobs.push_back(fetch());
  const auto begun = end(root, attempt_outcome::succeeded, std::move(again));
  ASSERT_TRUE(begun.ok()) << begun.refused->message;
  end(begun.jobs.at(0).id, attempt_outcome::succeeded);
  EXPECT_EQ(stored().state, run_state::completed);
  EXPECT_EQ(job(root).state, job_state::completed);
  EXPECT_EQ(job(root).children.completed, 1);
}

TEST_P(run_store, GapsOfAStreamComeTogetherUntilItIsReset) {
  begin_run();
  std::int64_t number = 0;
  const auto after = [&](const std::string& gap) {
    ++number;
    auto unit = page(number, "c" + std::to_string(number));
    unit.cursors.front().gap = gap;
    EXPECT_TRUE(commit(std::move(unit)).ok());
    return cursor()->gap;
  };
  EXPECT_EQ(after(""), "");
  EXPECT_EQ(after("one to two"), "one to two");
  EXPECT_EQ(after(""), "one to two");
  EXPECT_EQ(after("one to two"), "one to two");
  EXPECT_EQ(after("three to four"), "one to two; three to four");
  EXPECT_EQ(after("one to two"), "one to two; three to four");
  EXPECT_EQ(after("one"), "one to two; three to four; one");
  const std::string long_one(3990, 'x');
  EXPECT_EQ(after(long_one), "one; " + long_one) << "the oldest go where it would be more than anybody reads";
  end(first_fetch, attempt_outcome::succeeded);
  apply(reset_cursor{integration, "items", ""});
  EXPECT_EQ(cursor()->gap, "");
}

TEST_P(run_store, ResetSetsOneCursorOrAll) {
  integration = add_probe();
  apply(reset_cursor{integration, "items", "c5"});
  apply(reset_cursor{integration, "other", "d5"});
  EXPECT_EQ(cursor()->cursor, "c5");
  EXPECT_EQ(cursor()->page, 0);
  EXPECT_FALSE(cursor()->run);
  apply(reset_cursor{integration, "items", ""});
  EXPECT_EQ(cursor()->cursor, "");
  EXPECT_EQ((*integrations().cursor(integration, "other"))->cursor, "d5");
  apply(reset_cursor{integration, "", ""});
  const auto cursors = integrations().cursors(integration);
  for (const auto& each : *cursors)
    EXPECT_EQ(each.cursor, "");
  EXPECT_FALSE(integrations().cursor(integration, "unknown")->has_value());
}

TEST_P(run_store, RunsAreListedNewestFirstInPages) {
  integration = add_probe();
  std::vector<run_id> all;
  for (int i = 0; i < 3; ++i) {
    apply(trigger_due_integrations{});
    root = news.ready.at(0).id;
    unit_of_work rest;
    rest.changes.push_back(start_run{all.emplace_back(ids.make<run_id>()), integration, root, ""});
    ASSERT_TRUE(end(root, attempt_outcome::succeeded, std::move(rest)).ok());
    clock.advance(hours{2});
  }
  auto page = integrations().runs(integration, {"", 2});
  ASSERT_EQ(page->items.size(), 2u);
  EXPECT_EQ(page->items[0].id, all[2]);
  EXPECT_EQ(page->items[1].id, all[1]);
  page = integrations().runs(integration, {page->next_cursor, 2});
  ASSERT_EQ(page->items.size(), 1u);
  EXPECT_EQ(page->items[0].id, all[0]);
  EXPECT_EQ(page->next_cursor, "");
  EXPECT_THAT(integrations().runs(integration_id{8}, {})->items, IsEmpty());
}

} // namespace
} // namespace penstock::storage
