#include "storage/slot_table.hpp"

#include <algorithm>
#include <charconv>

#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct write_slot {
  std::int64_t queue = 0, slot = 0, alone = 0, since = 0;
  std::string jobs;
  statement sql;
  explicit write_slot(session& db)
      : sql(db, "write slot",
            "INSERT INTO slots (queue_id, slot, alone, jobs, since) VALUES (:queue, :slot, :alone, :jobs, :since) "
            "ON CONFLICT (queue_id, slot) DO UPDATE SET alone = excluded.alone, jobs = excluded.jobs, "
            "since = excluded.since") {
    sql.in(queue).in(slot).in(alone).in(jobs).in(since);
  }
};

void list_ids(const std::vector<job_id>& jobs, std::string& text) {
  text.clear();
  char digits[20];
  for (const auto id : jobs) {
    if (!text.empty())
      text += ',';
    text.append(digits, std::to_chars(digits, digits + sizeof digits, id.value).ptr);
  }
}

} // namespace

std::vector<job_id> parse_slot_jobs(std::string_view text) {
  std::vector<job_id> jobs;
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at < end;) {
    std::int64_t id = 0;
    const auto [after, problem] = std::from_chars(at, end, id);
    if (problem == std::errc{})
      jobs.push_back({id});
    at = after + 1; // past the comma
  }
  return jobs;
}

void slot_table::load() {
  clear();
  std::int64_t queue = 0, slot = 0;
  std::string jobs;
  statement all{db_, "read slots", "SELECT queue_id, slot, jobs FROM slots"};
  all.out(queue).out(slot).out(jobs);
  for (bool row = all.first(); row; row = all.next())
    slots_[{queue, slot}] = parse_slot_jobs(jobs);
}

void slot_table::claim(std::int64_t queue, const slot_claim& claim, timestamp now) {
  const place where{queue, claim.slot};
  auto& held = slots_[where];
  if (held.empty() && claim.jobs.empty())
    return;
  auto& write = db_.query<write_slot>();
  write.queue = queue;
  write.slot = claim.slot;
  write.alone = claim.alone ? 1 : 0;
  write.since = micros(now);
  list_ids(claim.jobs, write.jobs);
  write.sql.run();
  undo_.emplace_back(where, std::move(held));
  held = claim.jobs;
}

bool slot_table::holds(job_id id) const noexcept {
  return std::any_of(slots_.begin(), slots_.end(), [&](const auto& slot) {
    return std::find(slot.second.begin(), slot.second.end(), id) != slot.second.end();
  });
}

void slot_table::clear() noexcept {
  slots_.clear();
  undo_.clear();
}

void slot_table::rollback() {
  for (; !undo_.empty(); undo_.pop_back())
    slots_[undo_.back().first] = std::move(undo_.back().second);
}

} // namespace penstock::storage
