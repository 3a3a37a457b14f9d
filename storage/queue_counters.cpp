#include "storage/queue_counters.hpp"

#include "storage/array_text.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct write_count {
  std::int64_t queue = 0, state = 0, n = 0;
  statement sql;
  explicit write_count(session& db)
      : sql(db, "write queue count",
            "INSERT INTO queue_counts (queue_id, state, n) VALUES (:queue, :state, :n) "
            "ON CONFLICT (queue_id, state) DO UPDATE SET n = queue_counts.n + excluded.n") {
    sql.in(queue).in(state).in(n);
  }
};

struct write_counts {
  array_text queues, states, ns;
  statement sql;
  explicit write_counts(session& db)
      : sql(db, "write queue counts",
            "INSERT INTO queue_counts (queue_id, state, n) SELECT queue, state, n FROM unnest(CAST(:queues AS "
            "INTEGER[]), "
            "CAST(:states AS SMALLINT[]), CAST(:ns AS BIGINT[])) AS r(queue, state, n) "
            "ON CONFLICT (queue_id, state) DO UPDATE SET n = queue_counts.n + excluded.n") {
    sql.in(queues.text()).in(states.text()).in(ns.text());
  }
};

} // namespace

void queue_counters::flush_arrays() {
  auto& write = db_.query<write_counts>();
  bool any = false;
  for (auto* each : {&write.queues, &write.states, &write.ns})
    each->clear();
  for (std::size_t queue = 0; queue < moved_.size(); ++queue)
    for (std::size_t state = 0; state < job_state_count; ++state)
      if (moved_[queue][state] != 0) {
        any = true;
        write.queues.add(static_cast<std::int64_t>(queue));
        write.states.add(static_cast<std::int64_t>(state));
        write.ns.add(moved_[queue][state]);
      }
  for (auto* each : {&write.queues, &write.states, &write.ns})
    each->close();
  if (any)
    write.sql.post();
}

void queue_counters::flush() {
  if (db_.sql_dialect().shared())
    return flush_arrays();
  auto& write = db_.query<write_count>();
  for (std::size_t queue = 0; queue < moved_.size(); ++queue)
    for (std::size_t state = 0; state < job_state_count; ++state)
      if (moved_[queue][state] != 0) {
        write.queue = static_cast<std::int64_t>(queue);
        write.state = static_cast<std::int64_t>(state);
        write.n = moved_[queue][state];
        write.sql.run();
      }
}

} // namespace penstock::storage
