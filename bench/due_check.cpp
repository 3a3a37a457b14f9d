// The due check: among many integrations those that are due are found, marked as triggered and their root jobs enqueued,
// in one durable commit.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <stdexcept>

#include <soci/soci.h>

#include "actors/engine_kinds.hpp"
#include "bench/bench_database.hpp"
#include "bench/must.hpp"
#include "bench/workloads.hpp"
#include "storage/write_session.hpp"

namespace penstock::bench {
namespace {

/// Of this thread, which does all of the check.
double thread_cpu_ms() {
  timespec spent{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) * 1e3 + static_cast<double>(spent.tv_nsec) / 1e6;
}

/// `count` of them, spread over the table, are due a moment apart.
void make_due(soci::session& sql, std::int64_t integrations, std::int64_t count, std::int64_t check, std::int64_t now) {
  const auto step = integrations / count;
  const auto rest = check % step;
  const auto most = step * count;
  sql
    << "UPDATE due_integrations SET next_due_at = :at - integration_id % 1000 WHERE integration_id % :step = :rest AND "
       "integration_id <= :most",
    soci::use(now), soci::use(step), soci::use(rest), soci::use(most);
}

/// Throws what kept a unit or the whole from being stored.
void expect_stored(const storage::group_result& done) {
  const auto& batch = done.batches.front();
  if (const auto& failed = batch.failed ? batch.failed : batch.units.front().refused)
    throw std::runtime_error("the due check failed: " + failed->message);
}

} // namespace

std::vector<measurement> check_due(const bench_database& where, std::int64_t integrations, std::int64_t due,
                                   int checks) {
  make_anew(where);
  system_wall_clock clock;
  id_generator ids(clock, 1);
  job_kind_catalogue kinds;
  actors::add_engine_kinds(kinds);
  storage::database_settings settings;
  settings.url = where.store_url();
  settings.synchronous = where.synchronous;
  settings.log_bytes = storage::usual_log_bytes;
  storage::database_context context;
  context.clock = &clock;
  context.ids = &ids;
  context.kinds = &kinds;
  const auto database = must(storage::database::open(std::move(settings), std::move(context)));
  must(database->migrate());
  const auto now = [&] { return clock.now().time_since_epoch().count(); };
  std::vector<measurement> found;
  auto sql = open_beside(where);
  add_sleeping_integrations(sql, integrations, clock.now(), std::chrono::hours(1));
  analyse(sql, where);
  for (int check = 0; check < checks; ++check) {
    make_due(sql, integrations, due + 1, check, now()); // one for the warm-up
    must(database->checkpoint());
    // As in a node, the writer has been at work before: its statements are prepared, its pages read.
    auto writer = must(database->open_writer());
    std::vector<storage::write_batch> warm(1);
    warm.front().units.emplace_back().changes.emplace_back(trigger_due_integrations{.limit = 1});
    expect_stored(writer->commit(warm));
    std::vector<storage::write_batch> batches(1);
    batches.front().units.emplace_back().changes.emplace_back(trigger_due_integrations{});
    const auto started = std::chrono::steady_clock::now();
    const auto cpu_before = thread_cpu_ms();
    const auto done = writer->commit(batches);
    const auto cpu = thread_cpu_ms() - cpu_before;
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - started;
    expect_stored(done);
    const auto taken = done.batches.front().units.front().created;
    if (taken != std::vector{due}) {
      std::fprintf(stderr, "penstock-bench: the due check took another number than %lld\n",
                   static_cast<long long>(due));
      std::exit(1);
    }
    found.push_back({"due_check", took.count(), "ms"});
    found.push_back({"due_check.cpu", cpu, "ms"}); // on a busy machine the honest one
  }
  return found;
}

} // namespace penstock::bench
