#include "tests/storage/run_fixture.hpp"

#include <gmock/gmock.h>

// Dry runs: what a run would do, undone and kept as a difference.
namespace penstock::storage {
namespace {

using ::testing::ElementsAre;

class dry_run_store : public run_store {
protected:
  void begin_dry_run() {
    integration = add_probe("probe", std::chrono::hours{1}, {7});
    before = integration_of(integration);
    auto wanted = request("integration.process");
    wanted.integration = integration;
    wanted.organisation = before.organisation;
    wanted.unique_key = std::to_string(integration.value);
    root = enqueue(wanted).id;
    run = ids.make<run_id>();
    unit_of_work rest;
    rest.changes.push_back(start_run{run, integration, root, "api", true});
    rest.jobs.push_back(fetch());
    const auto done = end(root, attempt_outcome::succeeded, std::move(rest));
    ASSERT_TRUE(done.ok()) << done.refused->message;
    first_fetch = done.jobs.at(0).id;
  }
  struct integration before;
};
PENSTOCK_ON_EVERY_STORE(dry_run_store);

TEST_P(dry_run_store, CountsWhatItWouldDoAndStoresNone) {
  begin_dry_run();
  unit_of_work stored_before;
  stored_before.rows.push_back(
    {"probe_items",
     integration,
     {{"kept", {"same", std::int64_t{1}, 0.5}, 1}, {"changed", {"old", std::int64_t{5}, 0.5}, 1}}});
  ASSERT_TRUE(commit(std::move(stored_before)).ok());
  const auto events_before = event_types();
  const auto rows_before = reader->rows().select("SELECT * FROM probe_items ORDER BY source_id", {})->rows;

  unit_of_work more;
  more.jobs.push_back(fetch());
  more.jobs.back().kind = "probe.page";
  more.jobs.push_back(fetch());
  more.jobs.back().kind = "probe.page";
  more.jobs.push_back(request("probe.task")); // of no run: a consequence that must not come
  const auto handed_on = end(first_fetch, attempt_outcome::succeeded, std::move(more));
  ASSERT_TRUE(handed_on.ok()) << handed_on.refused->message;
  EXPECT_TRUE(handed_on.jobs.at(2).dropped);
  unit_of_work first;
  first.rows.push_back({"probe_items",
                        integration,
                        {{"kept", {"same", std::int64_t{1}, 0.5}, 1},
                         {"changed", {"new", std::int64_t{5}, 0.5}, 2},
                         {"added", {"one", std::monostate{}, 1.5}, 1}}});
  first.appends.push_back({"probe_log", {{std::string{"note"}, std::int64_t{1}}}});
  first.row_errors.push_back({"probe_items", "bad", "no name"});
  first.cursors.push_back({integration, "items", run, 1, "c1", ""});
  first.events.push_back({.type = "data.synced", .subject = "x"});
  ASSERT_TRUE(end(handed_on.jobs.at(0).id, attempt_outcome::succeeded, std::move(first)).ok());
  ASSERT_TRUE(end(handed_on.jobs.at(1).id, attempt_outcome::succeeded, page(2, "c2")).ok());

  EXPECT_EQ(reader->rows().select("SELECT * FROM probe_items ORDER BY source_id", {})->rows, rows_before);
  EXPECT_TRUE(reader->rows().select("SELECT note FROM probe_log", {})->rows.empty());
  EXPECT_FALSE(cursor());
  EXPECT_EQ(event_types(), events_before);
  EXPECT_TRUE(stored().dry);
  EXPECT_EQ(stored().state, run_state::completed);
  EXPECT_EQ(stored().pages, 2);
  EXPECT_EQ(stored().rows.added, 3);
  EXPECT_EQ(stored().rows.updated, 1);
  EXPECT_EQ(stored().rows.unchanged, 1);
  EXPECT_EQ(stored().rows.errors, 1);

  const auto difference = integrations().difference_of(run).value();
  ASSERT_EQ(difference.tables.size(), 2u);
  EXPECT_EQ(difference.tables[0].table, "probe_items");
  EXPECT_EQ(difference.tables[0].rows.added, 2);
  ASSERT_EQ(difference.rows.size(), 3u);
  EXPECT_EQ(difference.rows[0].source_id, "changed");
  EXPECT_EQ(difference.rows[0].before, R"({"name":"old"})");
  EXPECT_EQ(difference.rows[0].after, R"({"name":"new"})");
  EXPECT_TRUE(difference.rows[1].added);
  EXPECT_EQ(difference.rows[1].after, R"({"name":"one","amount":null,"ratio":1.5E0})");
}

TEST_P(dry_run_store, ShowsWhatItWouldMarkAsDeletedAndWhatWouldComeBack) {
  begin_dry_run();
  const synced_row gone{"gone", {"x", std::int64_t{5}, 0.5}, 2, true};
  unit_of_work stored_before;
  stored_before.rows.push_back({"probe_items", integration, {{"going", {"x", std::int64_t{5}, 0.5}, 1}, gone}});
  ASSERT_TRUE(commit(std::move(stored_before)).ok());
  const auto rows_before = reader->rows().select("SELECT * FROM probe_items ORDER BY source_id", {})->rows;

  const auto process = page_of_fetch();
  unit_of_work unit;
  unit.rows.push_back({"probe_items",
                       integration,
                       {{"going", {"x", std::int64_t{0}, 0.5}, 2, true},
                        {"gone", {"x", std::int64_t{5}, 0.5}, 2},
                        {"never there", {"x", std::int64_t{1}, 0.5}, 1, true}}});
  ASSERT_TRUE(end(process, attempt_outcome::succeeded, std::move(unit)).ok());

  EXPECT_EQ(reader->rows().select("SELECT * FROM probe_items ORDER BY source_id", {})->rows, rows_before);
  EXPECT_EQ(stored().rows.deleted, 2);
  EXPECT_EQ(stored().rows.updated, 1);
  const auto difference = integrations().difference_of(run).value();
  EXPECT_EQ(difference.tables.at(0).rows.deleted, 2);
  ASSERT_EQ(difference.rows.size(), 3u);
  EXPECT_TRUE(difference.rows[0].deleted);
  EXPECT_EQ(difference.rows[0].before, R"({"amount":5})");
  EXPECT_EQ(difference.rows[0].after, R"({"amount":0})");
  EXPECT_FALSE(difference.rows[1].deleted);
  EXPECT_THAT(difference.rows[1].before, ::testing::StartsWith(R"({"deleted_at":"20)"));
  EXPECT_EQ(difference.rows[1].after, R"({"deleted_at":null})");
  EXPECT_TRUE(difference.rows[2].deleted);
  EXPECT_FALSE(difference.rows[2].added);
  EXPECT_EQ(difference.rows[2].before, "");
}

TEST_P(dry_run_store, LeavesTheIntegrationAsItWasWhateverComesOfIt) {
  for (const auto outcome : {attempt_outcome::succeeded, attempt_outcome::failed}) {
    integration = {};
    begin_dry_run();
    EXPECT_EQ(integration_of(integration).live_run, run);
    EXPECT_EQ(answer(mark_triggered{integration}).refused->code, error_code::conflict) << "nothing beside it";
    end(first_fetch, outcome);
    const auto after = integration_of(integration);
    EXPECT_EQ(after.schedule, before.schedule);
    EXPECT_EQ(after.last_error, "");
    EXPECT_FALSE(after.live_run);
  }
  EXPECT_THAT(event_types("integration.*"), ElementsAre("integration.connected", "integration.connected"));
}

TEST_P(dry_run_store, ADueRunThatItKeptAwayIsDueAgain) {
  begin_dry_run();
  EXPECT_EQ(apply(trigger_due_integrations{}), 1);
  EXPECT_TRUE(news.ready.empty()) << "its root job would be a second one";
  EXPECT_EQ(integration_of(integration).schedule.status, integration_status::processing);
  end(first_fetch, attempt_outcome::succeeded);
  EXPECT_EQ(integration_of(integration).schedule.status, integration_status::idle);
  apply(trigger_due_integrations{});
  EXPECT_EQ(news.ready.size(), 1u);
}

TEST_P(dry_run_store, KeepsABoundedNumberOfRowsAndCountsAll) {
  begin_dry_run();
  const auto process = page_of_fetch();
  unit_of_work many;
  row_upserts batch{"probe_items", integration, {}};
  for (int i = 0; i < 500; ++i)
    batch.rows.push_back({"row " + std::to_string(i), {"x", std::int64_t{i}, 0.5}, 1});
  many.rows.push_back(std::move(batch));
  ASSERT_TRUE(end(process, attempt_outcome::succeeded, std::move(many)).ok());
  const auto difference = integrations().difference_of(run).value();
  EXPECT_EQ(difference.tables.at(0).rows.added, 500);
  EXPECT_EQ(std::ssize(difference.rows), run_difference::most_rows);
}

} // namespace
} // namespace penstock::storage
