#include "tests/storage/store_fixture.hpp"

// Every storage call fails once. After each failure the database holds all of what was answered as stored, nothing of
// what was answered as failed, and the writer's memory agrees with it.
namespace penstock::storage {
namespace {

class storage_faults : public store_fixture {
protected:
  struct seeds {
    job_id plain, tied, parent, child, failing, failed;
    integration_id integration{500};
    run_id run;
    job_id root, page;
  };

  seeds sow() {
    seeds sown;
    sown.plain = enqueue(request());
    auto tied = request();
    tied.unique_key = "tied";
    tied.group_key = "o/c/g";
    tied.payload = "page";
    sown.tied = enqueue(tied);
    tied.unique_key = "behind";
    enqueue(tied);
    sown.parent = enqueue(request());
    auto parent_end = end_of(sown.parent);
    parent_end.jobs.push_back(request("probe.page"));
    parent_end.jobs[0].parent = sown.parent;
    sown.child = commit_one(std::move(parent_end)).jobs.at(0).id;
    sown.failed = enqueue(request());
    EXPECT_TRUE(commit_one(end_of(sown.failed, attempt_outcome::failed)).ok());
    sown.failing = enqueue(request());

    unit_of_work connect;
    add_integration add;
    add.value.id = sown.integration;
    add.value.service = "probe";
    add.value.schedule.frequency = std::chrono::hours{1};
    connect.changes.push_back(add);
    EXPECT_TRUE(commit_one(std::move(connect)).ok());
    sown.root = enqueue(request("integration.process"));
    sown.run = {7000};
    auto start = end_of(sown.root);
    start.changes.push_back(start_run{sown.run, sown.integration, sown.root, "test"});
    auto page = request("probe.page");
    page.parent = sown.root;
    page.run = sown.run;
    page.integration = sown.integration;
    page.stream = "s";
    start.jobs = {page};
    const auto started = commit_one(std::move(start));
    EXPECT_TRUE(started.ok()) << started.refused->message;
    sown.page = started.jobs.at(0).id;
    return sown;
  }

  /// Something of everything, each unit in two halves of which both or none must be there.
  std::vector<write_batch> work(const seeds& sown) {
    std::vector<write_batch> batches(4);
    auto plain = end_of(sown.plain);
    plain.jobs = {request(), request("probe.page")};
    batches[0].units.push_back(std::move(plain));
    batches[0].claims.push_back({"default", 0, false, {sown.tied}});

    auto tied = end_of(sown.tied);
    tied.ends->result = R"({"ok":true})";
    tied.events.push_back({"probe.happened", "things/1"});
    http_exchange exchange;
    exchange.method = "GET";
    exchange.url = "https://api.example/";
    tied.exchanges.push_back(exchange);
    batches[1].units.push_back(std::move(tied));
    batches[1].units.push_back(end_of(sown.child, attempt_outcome::failed, "process"));

    auto page = end_of(sown.page, attempt_outcome::succeeded, "process");
    page.rows.push_back(
      {"things", sown.integration, {{"a", {std::string{"n"}, std::int64_t{1}}, 1}, {"b", {{}, {}}, 0}}});
    page.row_errors.push_back({"things", "c", "no amount"});
    page.cursors.push_back({sown.integration, "s", sown.run, 1, "next", ""});
    batches[2].units.push_back(std::move(page));
    unit_of_work changes;
    changes.changes.push_back(retry_job{sown.failed});
    changes.changes.push_back(pause_queue{"new queue", true});
    changes.changes.push_back(write_progress{sown.failing, {"stage", "message"}});
    batches[2].units.push_back(std::move(changes));

    unit_of_work bulk;
    bulk.jobs.assign(75, request());
    bulk.jobs[9].queue = "another";
    batches[3].units.push_back(std::move(bulk));
    batches[3].units.push_back(end_of(sown.failing, attempt_outcome::retry));
    return batches;
  }
};

enum class kind_of_database { memory, postgresql };

std::string name_of(kind_of_database kind) { return kind == kind_of_database::memory ? "memory" : "postgresql"; }

class each_fault : public storage_faults,
                   public ::testing::WithParamInterface<std::tuple<error_code, kind_of_database>> {};
INSTANTIATE_TEST_SUITE_P(codes, each_fault,
                         ::testing::Combine(::testing::Values(error_code::storage_failed, error_code::storage_full),
                                            ::testing::Values(kind_of_database::memory, kind_of_database::postgresql)),
                         [](const auto& info) {
                           return std::string{to_string(std::get<0>(info.param))} + "_" +
                                  name_of(std::get<1>(info.param));
                         });

class faults_on : public storage_faults, public ::testing::WithParamInterface<kind_of_database> {};
INSTANTIATE_TEST_SUITE_P(databases, faults_on,
                         ::testing::Values(kind_of_database::memory, kind_of_database::postgresql),
                         [](const auto& info) { return name_of(info.param); });

TEST_P(each_fault, LeavesAllOrNothingAtEveryCall) {
  const auto [code, kind] = GetParam();
  if (kind == kind_of_database::postgresql && !use_postgresql())
    GTEST_SKIP() << scratch_schema::why_skipped;
  open();
  int calls = 0;
  for (int at = 1;; ++at) {
    start_over();
    const auto sown = sow();
    const auto before = dump();
    auto batches = work(sown);
    faults.fail_at(at, code);
    auto done = writer->commit(batches);
    const bool fired = faults.fired();
    faults.heal();
    SCOPED_TRACE(std::string{to_string(code)} + " at call " + std::to_string(at));
    if (code == error_code::storage_full && fired) {
      for (const auto& batch : done.batches)
        ASSERT_TRUE(batch.failed);
      ASSERT_EQ(dump(), before);
      done = writer->commit(batches); // the writer's memory is as it was: the same work goes through now
    }
    // A failure that only the group met: run again in halves, everything went through. At BEGIN and COMMIT: nothing.
    std::size_t refused = 0, failed = 0;
    for (const auto& batch : done.batches) {
      failed += batch.failed ? 1 : 0;
      for (const auto& unit : batch.units)
        refused += !batch.failed && unit.refused ? 1 : 0;
    }
    if (failed > 0) {
      ASSERT_EQ(failed, done.batches.size());
      ASSERT_EQ(dump(), before);
      done = writer->commit(batches);
      refused = 0;
    }
    ASSERT_EQ(refused, 0u);
    for (const auto& batch : done.batches)
      ASSERT_FALSE(batch.failed) << batch.failed->message;

    EXPECT_EQ(number("SELECT COUNT(*) FROM jobs"), 9 + 2 + 75);
    EXPECT_EQ(number("SELECT COUNT(*) FROM things"), 2);
    EXPECT_EQ(number("SELECT rows_added * 100 + rows_errors * 10 + pages FROM runs"), 211);
    EXPECT_EQ(number("SELECT state FROM runs"), 1) << "its only page is stored";
    EXPECT_EQ(number("SELECT state FROM job_states WHERE id = " + std::to_string(sown.parent.value)), 4);
    EXPECT_EQ(number("SELECT paused FROM queues WHERE name = 'new queue'"), 1);
    EXPECT_EQ(number("SELECT MAX(position) - COUNT(*) FROM events"), 0) << "positions have no gaps";
    expect_counts_agree();
    // The next unit finds names, counts and positions as they are stored.
    auto more = request();
    more.queue = "another";
    EXPECT_TRUE(enqueue(more));
    expect_counts_agree();
    reader.reset(), writer.reset(), db.reset();
    if (!fired) {
      calls = at;
      break;
    }
  }
  EXPECT_GT(calls, 60) << "the script meets few calls";
}

TEST_P(faults_on, AFailureInRecoveryLosesNoSuspect) {
  if (GetParam() == kind_of_database::postgresql && !use_postgresql())
    GTEST_SKIP() << scratch_schema::why_skipped;
  open();
  for (int at = 1;; ++at) {
    start_over();
    const auto one = enqueue(request());
    const auto two = enqueue(request());
    ASSERT_FALSE(commit({}, {{"default", 0, true, {one}}, {"default", 1, false, {two}}}).batches[0].failed);
    faults.fail_at(at);
    auto report = writer->recover();
    const bool fired = faults.fired();
    faults.heal();
    if (fired) {
      EXPECT_FALSE(report);
      report = writer->recover();
    }
    ASSERT_TRUE(report);
    ASSERT_EQ(report->suspects.size(), 2u);
    EXPECT_EQ(report->suspects[0].deaths, 1) << "one death is counted once";
    EXPECT_EQ(report->suspects[1].deaths, 0);
    reader.reset(), writer.reset(), db.reset();
    if (!fired)
      break;
  }
}

TEST_P(faults_on, AFailureInAMigrationLeavesItToBeRunAgain) {
  for (int at = 1;; ++at) {
    if (GetParam() == kind_of_database::postgresql && !use_postgresql())
      GTEST_SKIP() << scratch_schema::why_skipped;
    database_context context;
    context.clock = &clock;
    context.ids = &ids;
    context.kinds = &kinds;
    context.faults = &faults;
    auto opened = database::open({.url = schema ? schema->url() : "sqlite::memory:"}, context);
    ASSERT_TRUE(opened);
    faults.fail_at(at);
    auto migrated = (*opened)->migrate();
    const bool fired = faults.fired();
    faults.heal();
    EXPECT_EQ(migrated.has_value(), !fired);
    if (fired)
      migrated = (*opened)->migrate();
    ASSERT_TRUE(migrated) << migrated.error().message;
    EXPECT_TRUE((*opened)->open_writer());
    if (!fired)
      break;
  }
}

} // namespace
} // namespace penstock::storage
