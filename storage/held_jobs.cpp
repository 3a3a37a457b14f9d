#include "storage/held_jobs.hpp"

#include <string>

#include "storage/slot_table.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct read_slots {
  std::int64_t queue_id = 0;
  std::string jobs;
  statement sql;

  explicit read_slots(session& db) : sql(db, "read slots", "SELECT queue_id, jobs FROM slots WHERE jobs <> ''") {
    sql.out(queue_id).out(jobs);
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

std::unordered_set<std::int64_t> all_jobs_in_slots(session& db) {
  std::unordered_set<std::int64_t> held;
  for (const auto& [queue, jobs] : jobs_in_slots(db))
    held.insert(jobs.begin(), jobs.end());
  return held;
}

} // namespace penstock::storage
