#include "storage/held_jobs.hpp"

#include <string>

#include "storage/slot_table.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct read_slots {
  std::int64_t queue_id = 0;
  nullable<std::int64_t> since;
  std::string jobs;
  statement sql;

  explicit read_slots(session& db) : sql(db, "read slots", "SELECT queue_id, since, jobs FROM slots WHERE jobs <> ''") {
    sql.out(queue_id).out(since).out(jobs);
  }
};

} // namespace

std::map<std::int64_t, std::vector<std::int64_t>> jobs_in_slots(session& db) {
  std::map<std::int64_t, std::vector<std::int64_t>> held;
  auto& slots = db.query<read_slots>();
  for (bool row = slots.sql.first(); row; row = slots.sql.next())
    for (const auto id : parse_slot_jobs(slots.jobs))
      held[slots.queue_id].push_back(id.value);
  return held;
}

std::unordered_map<std::int64_t, timestamp> all_jobs_in_slots(session& db) {
  std::unordered_map<std::int64_t, timestamp> held;
  auto& slots = db.query<read_slots>();
  for (bool row = slots.sql.first(); row; row = slots.sql.next())
    for (const auto id : parse_slot_jobs(slots.jobs))
      held.emplace(id.value, moment_or_none(slots.since));
  return held;
}

void mark_if_held(job_record& job, const std::unordered_map<std::int64_t, timestamp>& held) {
  const auto found = held.find(job.job.id.value);
  if (job.state != job_state::waiting || found == held.end())
    return;
  job.state = job_state::active;
  job.started_at = found->second;
}

} // namespace penstock::storage
