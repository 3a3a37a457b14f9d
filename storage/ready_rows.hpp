#pragma once

#include <string>

#include "core/time.hpp"
#include "messages/job.hpp"
#include "storage/job_bodies.hpp"
#include "storage/kind_names.hpp"
#include "storage/nullable.hpp"
#include "storage/ready_columns.hpp"

namespace penstock::storage {

inline constexpr int priorities = 10;

/// The job of the row that a statement stands on, with args that lie apart from it.
[[nodiscard]] inline ready_job whole_job(session& db, const ready_columns& row, const std::string& queue,
                                         kind_names& kinds) {
  auto job = row.job(queue, kinds.of(row.kind_id()));
  if (row.has_large_args())
    job.args = read_args(db, row.id());
  return job;
}

/// The earliest run_at to come of what `Query` looks for, in one priority at a time; no_time: none.
template <class Query>
[[nodiscard]] timestamp earliest_due(session& db, std::int64_t queue, timestamp now) {
  std::int64_t earliest = 0;
  auto& due = db.query<Query>();
  due.queue = queue;
  due.now = micros(now);
  for (due.priority = 0; due.priority < priorities; ++due.priority)
    if (due.sql.one() && (earliest == 0 || due.run_at < earliest))
      earliest = due.run_at;
  return moment(earliest);
}

} // namespace penstock::storage
