// What SQLite alone, through its C interface on one thread, does for jobs that end together: beside few rows, beside many
// that wait, and beside a history. The store's tables and statements (storage/plain_schema.cpp,
// storage/plain_completions.cpp), in a file, without waiting for the disk. The rate beside many rows by that beside few is
// what depth alone costs: the limit beside W5 of bench/README.md.
#include "bench/micro/sqlite_file.hpp"

#include <algorithm>

#include <benchmark/benchmark.h>

namespace penstock::bench {
namespace {

constexpr std::int64_t jobs_a_commit = 256;
constexpr std::int64_t rows_a_statement = 64;

/// As job ids are: milliseconds in front of a sequence (core/id_generator.hpp). In the row source below, too.
std::int64_t id_of(std::int64_t number) { return (200'000'000'000 + number / 4) * 4'194'304 + number % 4; }
constexpr const char* id_sql = "(200000000000 + i / 4) * 4194304 + i % 4";

std::string insertion() {
  std::string sql = "INSERT INTO plain_ends (job_id, started_at, finished_at) VALUES (?, ?, ?)";
  for (int i = 1; i < rows_a_statement; ++i)
    sql += ", (?, ?, ?)";
  return sql;
}

class job_tables {
public:
  job_tables() {
    file_.run("CREATE TABLE waiting_jobs (queue_id INTEGER NOT NULL, priority SMALLINT NOT NULL, run_at BIGINT NOT NULL, "
              "id BIGINT NOT NULL, attempts SMALLINT NOT NULL, tied SMALLINT NOT NULL, "
              "PRIMARY KEY (queue_id, priority, run_at, id)) WITHOUT ROWID");
    file_.run("CREATE TABLE plain_ends (job_id INTEGER PRIMARY KEY NOT NULL, started_at BIGINT NOT NULL, "
              "finished_at BIGINT NOT NULL)");
    insert_ = std::make_unique<sqlite_file::statement>(file_, insertion());
    remove_ = std::make_unique<sqlite_file::statement>(
      file_, "DELETE FROM waiting_jobs WHERE queue_id = 1 AND priority = 5 AND (run_at, id) >= (?, ?) "
             "AND (run_at, id) <= (?, ?) AND attempts = 0 AND tied = 0");
  }

  /// Completed ones, older than all that wait.
  void add_history(std::int64_t jobs) {
    fill("INSERT INTO plain_ends SELECT " + std::string{id_sql} + ", i, i FROM n", jobs);
    first_ = filled_;
  }
  void add_waiting(std::int64_t jobs) {
    fill("INSERT INTO waiting_jobs SELECT 1, 5, i, " + std::string{id_sql} + ", 0, 0 FROM n", jobs);
    waiting_ += jobs;
  }
  [[nodiscard]] std::int64_t waiting() const noexcept { return waiting_; }
  void move_log() { file_.run("PRAGMA wal_checkpoint(TRUNCATE)"); }

  void complete() {
    file_.run("BEGIN IMMEDIATE");
    const auto last = first_ + jobs_a_commit - 1;
    if (remove_->with({first_, id_of(first_), last, id_of(last)}).run() != jobs_a_commit)
      throw std::runtime_error("they did not wait");
    constexpr std::int64_t started = 1'796'056'559'301'275, finished = started + 724; // microseconds since 1970
    for (std::int64_t done = 0; done < jobs_a_commit; done += rows_a_statement) {
      for (std::int64_t i = 0; i < rows_a_statement; ++i) {
        const int at = static_cast<int>(3 * i);
        insert_->bind(at + 1, id_of(first_ + done + i));
        insert_->bind(at + 2, started + done);
        insert_->bind(at + 3, finished + done);
      }
      insert_->run();
    }
    file_.run("COMMIT");
    first_ += jobs_a_commit;
    waiting_ -= jobs_a_commit;
  }

private:
  /// Rows of the numbers that follow the last one.
  void fill(const std::string& insert, std::int64_t rows) {
    const auto from = filled_;
    filled_ += rows;
    file_.run("WITH RECURSIVE n(i) AS (SELECT " + std::to_string(from) + " UNION ALL SELECT i + 1 FROM n WHERE i + 1 < " +
              std::to_string(filled_) + ") " + insert);
  }

  sqlite_file file_{"OFF"};
  std::unique_ptr<sqlite_file::statement> insert_, remove_;
  std::int64_t filled_ = 0; ///< the number of the next row to be made
  std::int64_t first_ = 0;  ///< the number of the next job to end
  std::int64_t waiting_ = 0;
};

/// Beside `range(0)` waiting jobs and `range(1)` completed ones; both lie in the file when the clock starts.
void sqlite_alone_ends_beside(benchmark::State& state) {
  job_tables tables;
  if (state.range(1) > 0)
    tables.add_history(state.range(1));
  for (auto _ : state) {
    if (tables.waiting() < std::max(jobs_a_commit, state.range(0) * 4 / 5)) {
      state.PauseTiming();
      tables.add_waiting(state.range(0) - tables.waiting());
      tables.move_log();
      state.ResumeTiming();
    }
    tables.complete();
  }
  state.SetItemsProcessed(state.iterations() * jobs_a_commit);
}
BENCHMARK(sqlite_alone_ends_beside)
  ->Args({10'000, 0})
  ->Args({1'000'000, 0})
  ->Args({10'000, 10'000'000})
  ->Args({1'000'000, 10'000'000})
  ->Iterations(390); // 100,000 jobs

} // namespace
} // namespace penstock::bench
