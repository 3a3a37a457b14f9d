#include "storage/held_jobs.hpp"

#include <charconv>
#include <string>

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

template <class Take>
void each_id(const std::string& list, Take take) {
  const char* at = list.data();
  const char* const end = at + list.size();
  while (at < end) {
    std::int64_t id = 0;
    const auto [after, problem] = std::from_chars(at, end, id);
    if (problem == std::errc{})
      take(id);
    at = after + 1; // past the comma
  }
}

} // namespace

std::map<std::int64_t, std::vector<std::int64_t>> jobs_in_slots(session& db) {
  std::map<std::int64_t, std::vector<std::int64_t>> held;
  auto& slots = db.query<read_slots>();
  for (bool row = slots.sql.first(); row; row = slots.sql.next())
    each_id(slots.jobs, [&](std::int64_t id) { held[slots.queue_id].push_back(id); });
  return held;
}

std::unordered_set<std::int64_t> all_jobs_in_slots(session& db) {
  std::unordered_set<std::int64_t> held;
  for (const auto& [queue, jobs] : jobs_in_slots(db))
    held.insert(jobs.begin(), jobs.end());
  return held;
}

} // namespace penstock::storage
