// What SQLite alone does on this machine and disk, through its C interface on one thread: the limit beside W1, W2 and W3 of
// bench/README.md. Rows of 200 bytes with one index, one row a statement, synchronous=FULL.
#include "bench/micro/sqlite_file.hpp"

#include <vector>

#include <benchmark/benchmark.h>

namespace penstock::bench {
namespace {

class job_rows {
public:
  job_rows() {
    file_.run("CREATE TABLE jobs (id INTEGER PRIMARY KEY, queue INTEGER, state INTEGER, run_at INTEGER, args TEXT)");
    file_.run("CREATE INDEX jobs_waiting ON jobs (state, run_at, id)");
    insert_ = std::make_unique<sqlite_file::statement>(
      file_, "INSERT INTO jobs (run_at, args, queue, state) VALUES (?, ?, 1, 0)");
    claim_ = std::make_unique<sqlite_file::statement>(
      file_, "UPDATE jobs SET state = 1 WHERE id IN (SELECT id FROM jobs WHERE state = 0 ORDER BY run_at, id "
             "LIMIT ?) RETURNING id");
    remove_ = std::make_unique<sqlite_file::statement>(file_, "DELETE FROM jobs WHERE id = ?");
  }

  void insert(std::int64_t rows) {
    file_.run("BEGIN IMMEDIATE");
    for (std::int64_t i = 0; i < rows; ++i) {
      insert_->bind(1, ++last_);
      insert_->bind(2, args_);
      insert_->run();
    }
    file_.run("COMMIT");
  }
  /// Of those that wait: marked in one transaction, removed in another.
  void claim_and_remove(std::int64_t rows) {
    claimed_.clear();
    file_.run("BEGIN IMMEDIATE");
    claim_->with({rows}).read([this](std::int64_t id) { claimed_.push_back(id); });
    file_.run("COMMIT");
    file_.run("BEGIN IMMEDIATE");
    for (const auto id : claimed_)
      remove_->with({id}).run();
    file_.run("COMMIT");
  }
  void move_log() { file_.run("PRAGMA wal_checkpoint(TRUNCATE)"); }

private:
  sqlite_file file_{"FULL"};
  std::unique_ptr<sqlite_file::statement> insert_, claim_, remove_;
  const std::string args_ = std::string(200, 'x');
  std::int64_t last_ = 0;
  std::vector<std::int64_t> claimed_;
};

/// Untimed, as it is done beside the work in a node: what 16 MB hold goes into the database file.
void move_log_now_and_then(benchmark::State& state, job_rows& rows, std::int64_t& since) {
  if ((since += state.range(0)) < 40'000)
    return;
  state.PauseTiming();
  rows.move_log();
  since = 0;
  state.ResumeTiming();
}

/// `range(0)` rows a commit.
void sqlite_alone_inserts(benchmark::State& state) {
  job_rows rows;
  std::int64_t since = 0;
  for (auto _ : state) {
    rows.insert(state.range(0));
    move_log_now_and_then(state, rows, since);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(sqlite_alone_inserts)->Arg(1)->Arg(20)->Arg(64)->Arg(1000)->UseRealTime();

/// Claim and removal of rows that were there, a transaction of `range(0)` rows each.
void sqlite_alone_drains(benchmark::State& state) {
  job_rows rows;
  std::int64_t left = 0;
  for (auto _ : state) {
    if (left < state.range(0)) {
      state.PauseTiming();
      for (; left < 100 * state.range(0); left += state.range(0))
        rows.insert(state.range(0));
      rows.move_log();
      state.ResumeTiming();
    }
    rows.claim_and_remove(state.range(0));
    left -= state.range(0);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(sqlite_alone_drains)->Arg(256)->Arg(1000)->UseRealTime();

/// Insert, claim and removal, a transaction of `range(0)` rows each.
void sqlite_alone_cycles(benchmark::State& state) {
  job_rows rows;
  std::int64_t since = 0;
  for (auto _ : state) {
    rows.insert(state.range(0));
    rows.claim_and_remove(state.range(0));
    move_log_now_and_then(state, rows, since);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(sqlite_alone_cycles)->Arg(1)->Arg(20)->Arg(64)->Arg(1000)->UseRealTime();

} // namespace
} // namespace penstock::bench
