#include <gmock/gmock.h>

#include "storage/history_sweep.hpp"
#include "tests/storage/store_conformance.hpp"

// History that is past its age goes, in small batches; what is needed stays.
namespace penstock::storage {
namespace {

using std::chrono::days;
using std::chrono::hours;
using ::testing::ElementsAre;

class history_sweep_store : public store_conformance {
protected:
  std::vector<std::int64_t> sweep(std::int64_t limit = 1000) {
    const auto done = answer(sweep_history{.completed_before = clock.now() - days{7},
                                           .failed_before = clock.now() - days{30},
                                           .events_before = clock.now() - days{30},
                                           .limit = limit});
    EXPECT_TRUE(done.ok()) << done.refused->message;
    return {done.created.begin(), done.created.begin() + 5}; // the kinds that are looked at here
  }
  std::int64_t count(const std::string& table) {
    const auto found = reader->rows().select("SELECT COUNT(*) FROM " + table, {});
    EXPECT_TRUE(found) << found.error().message;
    return std::get<std::int64_t>(found->rows.at(0).at(0));
  }
  /// A run whose only job fails, which stops its stream, with a row error.
  run_id failed_run(integration_id id) {
    apply(mark_triggered{id});
    const auto root = enqueue("integration.process");
    const auto run = ids.make<run_id>();
    unit_of_work begin;
    begin.changes.push_back(start_run{run, id, root, "test"});
    begin.jobs.push_back(request("probe.fetch"));
    begin.jobs[0].integration = id;
    begin.jobs[0].run = run;
    begin.jobs[0].parent = root;
    begin.jobs[0].stream = "items";
    const auto fetch = end(root, attempt_outcome::succeeded, std::move(begin)).jobs.at(0).id;
    unit_of_work wrong;
    wrong.row_errors.push_back({"probe_items", "a", "no amount"});
    end(fetch, attempt_outcome::failed, std::move(wrong));
    return run;
  }
};
PENSTOCK_ON_EVERY_STORE(history_sweep_store);

TEST_P(history_sweep_store, OldJobsGoInBatchesAndTheirCountsWithThem) {
  for (int i = 0; i < 5; ++i)
    end(enqueue("probe.task"), attempt_outcome::succeeded);
  end(enqueue("probe.task"), attempt_outcome::failed);
  const auto waiting = enqueue("probe.task");
  clock.advance(days{8});
  end(enqueue("probe.task"), attempt_outcome::succeeded);
  EXPECT_EQ(sweep(2).at(0), 2);
  EXPECT_EQ(sweep(2).at(0), 2);
  EXPECT_EQ(sweep(2).at(0), 1);
  EXPECT_EQ(sweep(2).at(0), 0);
  EXPECT_EQ(summary("default").completed, 1) << "the young one stays";
  EXPECT_EQ(summary("default").failed, 1) << "failed ones stay longer";
  clock.advance(days{30});
  EXPECT_EQ(sweep().at(1), 1);
  EXPECT_EQ(job(waiting).state, job_state::waiting);
}

TEST_P(history_sweep_store, WhatMustStayIsPassedInBoundedSteps) {
  unit_of_work many;
  many.jobs.assign(static_cast<std::size_t>(rows_looked_at), request("probe.task"));
  const auto kept = commit(std::move(many)).jobs;
  end(enqueue("probe.task"), attempt_outcome::succeeded);
  clock.advance(days{8});
  EXPECT_EQ(sweep().at(0), 0) << "it looked at as many rows as it may";
  EXPECT_EQ(sweep().at(0), 1) << "and went on behind them";
  end(kept.front().id, attempt_outcome::succeeded);
  clock.advance(days{8});
  EXPECT_EQ(sweep().at(0), 1) << "from the end it goes back to the beginning";
  EXPECT_EQ(summary("default").waiting, rows_looked_at - 1);
}

TEST_P(history_sweep_store, OldRunsGoWithAllThatIsKeptWithThem) {
  const auto id = add_probe("probe", hours{1});
  const auto first = failed_run(id);
  const auto second = failed_run(id);
  const auto other = failed_run(add_probe("other", hours{1}));
  EXPECT_EQ(count("run_streams"), 3);
  clock.advance(days{8});
  EXPECT_EQ(sweep(), (std::vector<std::int64_t>{0, 0, 0, 0, 0})) << "their failed jobs are kept for longer";
  clock.advance(days{23});
  EXPECT_EQ(sweep().at(3), 1);
  EXPECT_EQ(integrations().find_run(first).error().code, error_code::not_found);
  EXPECT_TRUE(integrations().find_run(second)) << "the last run of an integration stays";
  EXPECT_TRUE(integrations().find_run(other));
  EXPECT_EQ(count("run_streams"), 2);
}

TEST_P(history_sweep_store, YoungAndOpenRunsStay) {
  const auto id = add_probe("probe", hours{1});
  const auto open = start_run_of(id);
  clock.advance(days{60});
  EXPECT_EQ(sweep().at(3), 0);
  EXPECT_EQ(integrations().find_run(open)->state, run_state::running);
}

TEST_P(history_sweep_store, RunsGoInBatchesToo) {
  const auto id = add_probe("probe", hours{1});
  for (int i = 0; i < 6; ++i)
    failed_run(id);
  clock.advance(days{31});
  const auto more = failed_run(id);
  std::int64_t gone = 0;
  for (int i = 0; i < 12; ++i) {
    const auto now = sweep(2).at(3);
    EXPECT_LE(now, 2);
    gone += now;
  }
  EXPECT_EQ(gone, 6);
  EXPECT_TRUE(integrations().find_run(more));
  EXPECT_EQ(count("runs"), 1);
  EXPECT_EQ(count("row_errors"), 1);
}

} // namespace
} // namespace penstock::storage
