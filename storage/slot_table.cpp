#include "storage/slot_table.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "storage/queue_lock.hpp"
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

/// Of other nodes.
struct find_in_slots {
  std::string pattern;
  std::int64_t first = 0, end = 0, slot = 0;
  statement sql;
  explicit find_in_slots(session& db)
      : sql(db, "find job in slots",
            "SELECT slot FROM slots WHERE ',' || jobs || ',' LIKE :pattern AND (slot < :first OR slot >= :end) "
            "LIMIT 1") {
    sql.in(pattern).in(first).in(end).out(slot);
  }
};

struct lock_queue_of {
  std::int64_t id = 0, locked = 0;
  statement sql;
  explicit lock_queue_of(session& db)
      : sql(db, "lock queue of job",
            "SELECT j.id FROM jobs j CROSS JOIN LATERAL " + queue_lock_sql("j.queue_id") + " l WHERE j.id = :id") {
    sql.in(id).out(locked);
  }
};

struct find_suspect {
  std::int64_t id = 0, found = 0;
  statement sql;
  explicit find_suspect(session& db) : sql(db, "find suspect", "SELECT job_id FROM suspects WHERE job_id = :id") {
    sql.in(id).out(found);
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

slot_table::slot_table(session& db, const node_membership* node)
    : db_(db), first_(node ? node->number * slots_a_node : 0), shared_(db.sql_dialect().shared()) {}

void slot_table::load() {
  clear();
  std::int64_t queue = 0, slot = 0, first = first_, end = first_ + slots_a_node;
  std::string jobs;
  statement all{db_, "read slots", "SELECT queue_id, slot, jobs FROM slots WHERE slot >= :first AND slot < :end"};
  all.in(first).in(end).out(queue).out(slot).out(jobs);
  for (bool row = all.first(); row; row = all.next())
    replace(slots_[{queue, slot}], parse_slot_jobs(jobs));
}

std::vector<job_id> slot_table::replace(std::vector<job_id>& held, std::vector<job_id> jobs) {
  if (shared_) {
    for (const auto id : held)
      if (const auto own = own_.find(id); own != own_.end() && --own->second == 0)
        own_.erase(own);
    for (const auto id : jobs)
      ++own_[id];
    if (!lost_.empty()) [[unlikely]]
      for (const auto id : jobs)
        lost_.erase(id);
  }
  return std::exchange(held, std::move(jobs));
}

void slot_table::claim(std::int64_t queue, const slot_claim& claim, timestamp now) {
  if (!stale_.empty() && !stale_are_emptied_) [[unlikely]]
    empty_stale_rows(now);
  const place where{queue, first_ + claim.slot};
  auto& held = slots_[where];
  if (held.empty() && claim.jobs.empty())
    return;
  write(where, claim.jobs, claim.alone, now);
  undo_.emplace_back(where, replace(held, claim.jobs));
}

void slot_table::write(const place& where, const std::vector<job_id>& jobs, bool alone, timestamp now) {
  auto& write = db_.query<write_slot>();
  write.queue = where.first;
  write.slot = where.second;
  write.alone = alone ? 1 : 0;
  write.since = micros(now);
  list_ids(jobs, write.jobs);
  write.sql.post();
}

void slot_table::give_up(std::int64_t queue, std::uint16_t slot) {
  const place where{queue, first_ + slot};
  replace(slots_[where], {});
  stale_.insert(where);
}

void slot_table::empty_stale_rows(timestamp now) {
  for (const auto& where : stale_)
    write(where, {}, false, now);
  stale_are_emptied_ = true;
}

void slot_table::commit() noexcept {
  undo_.clear();
  if (std::exchange(stale_are_emptied_, false)) [[unlikely]]
    stale_.clear();
}

bool slot_table::holds(job_id id) {
  if (shared_)
    return own_.contains(id) || is_elsewhere(id);
  return std::any_of(slots_.begin(), slots_.end(), [&](const auto& slot) {
    return std::find(slot.second.begin(), slot.second.end(), id) != slot.second.end();
  });
}

bool slot_table::holds_until_commit(job_id id) {
  if (shared_ && !own_.contains(id)) {
    auto& lock = db_.query<lock_queue_of>();
    lock.id = id.value;
    lock.sql.one();
  }
  return holds(id);
}

bool slot_table::is_elsewhere(job_id id) {
  auto& find = db_.query<find_in_slots>();
  find.pattern = "%," + std::to_string(id.value) + ",%";
  find.first = first_;
  find.end = first_ + slots_a_node;
  return find.sql.one();
}

bool slot_table::is_anothers(job_id id) {
  if (!shared_ || own_.contains(id))
    return false;
  if (lost_.contains(id))
    return true; // even if nothing names it any more: another attempt may have begun and been put off
  auto& suspect = db_.query<find_suspect>();
  suspect.id = id.value;
  return is_elsewhere(id) || suspect.sql.one();
}

void slot_table::clear() noexcept {
  slots_.clear();
  own_.clear();
  undo_.clear();
  stale_.clear();
  stale_are_emptied_ = false;
}

void slot_table::lose() {
  for (const auto& [id, slots] : own_)
    lost_.insert(id);
  clear();
}

void slot_table::rollback() {
  stale_are_emptied_ = false;
  for (; !undo_.empty(); undo_.pop_back())
    replace(slots_[undo_.back().first], std::move(undo_.back().second));
}

} // namespace penstock::storage
