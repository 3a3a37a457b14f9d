#include "storage/ready_jobs.hpp"

#include <algorithm>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "storage/job_bodies.hpp"
#include "storage/job_columns.hpp"
#include "storage/read_snapshot.hpp"

namespace penstock::storage {
namespace {

constexpr int priorities = 10;
// Jobs behind others of their group that are stepped over before the heads are looked up group by group.
constexpr std::int64_t most_stepped_over = 4'000;

/// Where a waiting job stands in its queue.
struct place {
  std::int64_t priority = 0, run_at = 0, id = 0;
  friend auto operator<=>(const place&, const place&) = default;
};

struct find_queue_id {
  std::string name;
  std::int64_t id = 0;
  statement sql;
  explicit find_queue_id(session& db) : sql(db, "find queue", "SELECT id FROM queues WHERE name = :name") {
    sql.in(name).out(id);
  }
};

/// Jobs without a group, in order, from one priority.
struct walk_single {
  std::int64_t queue = 0, priority = 0, now = 0, limit = 0;
  place found;
  statement sql;
  explicit walk_single(session& db)
      : sql(db, "walk ready jobs",
            "SELECT priority, run_at, id FROM jobs WHERE state = 0 AND group_key IS NULL AND queue_id = :queue "
            "AND priority = :priority AND run_at <= :now ORDER BY run_at, id LIMIT :limit") {
    sql.in(queue).in(priority).in(now).in(limit).out(found.priority).out(found.run_at).out(found.id);
  }
};

/// Jobs with a group, first or not.
struct walk_grouped {
  std::int64_t queue = 0, priority = 0, now = 0;
  place found;
  std::string group;
  statement sql;
  explicit walk_grouped(session& db)
      : sql(db, "walk grouped jobs",
            "SELECT priority, run_at, id, group_key FROM jobs WHERE state = 0 AND group_key IS NOT NULL "
            "AND queue_id = :queue AND priority = :priority AND run_at <= :now ORDER BY run_at, id") {
    sql.in(queue).in(priority).in(now).out(found.priority).out(found.run_at).out(found.id).out(group);
  }
};

struct first_of_group {
  std::int64_t queue = 0, id = 0;
  std::string group;
  statement sql;
  explicit first_of_group(session& db)
      : sql(db, "first of group",
            "SELECT id FROM jobs WHERE state = 0 AND queue_id = :queue AND group_key = :group ORDER BY id LIMIT 1") {
    sql.in(queue).in(group).out(id);
  }
};

/// The group after another one, and its first job.
struct next_group {
  std::int64_t queue = 0;
  std::string after, group;
  place head;
  statement sql;
  explicit next_group(session& db)
      : sql(db, "next group",
            "SELECT group_key, priority, run_at, id FROM jobs WHERE state = 0 AND queue_id = :queue "
            "AND group_key > :after ORDER BY group_key, id LIMIT 1") {
    sql.in(queue).in(after).out(group).out(head.priority).out(head.run_at).out(head.id);
  }
};

struct next_due {
  std::int64_t queue = 0, priority = 0, now = 0, run_at = 0;
  statement sql;
  next_due(session& db, const std::string& which)
      : sql(db, "next due job",
            "SELECT run_at FROM jobs WHERE state = 0 AND group_key " + which +
              " AND queue_id = :queue AND priority = :priority AND run_at > :now ORDER BY run_at LIMIT 1") {
    sql.in(queue).in(priority).in(now).out(run_at);
  }
};
struct next_due_single : next_due {
  explicit next_due_single(session& db) : next_due(db, "IS NULL") {}
};
struct next_due_grouped : next_due {
  explicit next_due_grouped(session& db) : next_due(db, "IS NOT NULL") {}
};

struct load_job {
  std::int64_t id = 0;
  job_columns row;
  statement sql;
  explicit load_job(session& db)
      : sql(db, "load job",
            std::string{"SELECT "} + job_columns::names + " FROM jobs j" + job_columns::joins + "WHERE j.id = :id") {
    sql.in(id);
    row.bind(sql);
  }
};

/// One reading of one queue.
class window_reader {
public:
  window_reader(session& db, std::int64_t queue, timestamp now, std::int64_t limit)
      : db_(db), queue_(queue), now_(micros(now)), wanted_(limit + 1) {}

  std::vector<place> places() {
    std::vector<place> all;
    for (int priority = 0; priority < priorities && std::ssize(all) < wanted_; ++priority)
      add_single(all, priority);
    // Of the grouped ones as many again may be needed, but none that comes after a full window.
    const place last = std::ssize(all) == wanted_ ? all.back() : place{priorities - 1, now_, 0};
    std::vector<place> heads;
    for (int priority = 0; priority <= last.priority && std::ssize(heads) < wanted_; ++priority)
      if (!add_heads(heads, priority, priority == last.priority ? last.run_at : now_)) {
        heads = heads_of_all_groups();
        break;
      }
    all.insert(all.end(), heads.begin(), heads.end());
    std::sort(all.begin(), all.end());
    if (std::ssize(all) > wanted_)
      all.resize(static_cast<std::size_t>(wanted_));
    return all;
  }

  timestamp next_run_at() {
    std::int64_t earliest = 0;
    const auto probe = [&](next_due& due) {
      due.queue = queue_;
      due.now = now_;
      for (due.priority = 0; due.priority < priorities; ++due.priority)
        if (due.sql.one() && (earliest == 0 || due.run_at < earliest))
          earliest = due.run_at;
    };
    probe(db_.query<next_due_single>());
    probe(db_.query<next_due_grouped>());
    return moment(earliest);
  }

private:
  void add_single(std::vector<place>& all, int priority) {
    auto& walk = db_.query<walk_single>();
    walk.queue = queue_;
    walk.priority = priority;
    walk.now = now_;
    walk.limit = wanted_ - std::ssize(all);
    for (bool row = walk.sql.first(); row; row = walk.sql.next())
      all.push_back(walk.found);
  }

  /// False: too many stood behind others.
  bool add_heads(std::vector<place>& heads, int priority, std::int64_t until) {
    auto& walk = db_.query<walk_grouped>();
    walk.queue = queue_;
    walk.priority = priority;
    walk.now = until;
    for (bool row = walk.sql.first(); row; row = walk.sql.next()) {
      if (head_of(walk.group) == walk.found.id) {
        heads.push_back(walk.found);
        if (std::ssize(heads) == wanted_) {
          walk.sql.finish();
          return true;
        }
      } else if (++stepped_over_ > most_stepped_over) {
        walk.sql.finish();
        return false;
      }
    }
    return true;
  }

  std::int64_t head_of(const std::string& group) {
    const auto [known, is_new] = heads_.try_emplace(group, 0);
    if (is_new) {
      auto& first = db_.query<first_of_group>();
      first.queue = queue_;
      first.group = group;
      if (first.sql.one())
        known->second = first.id;
    }
    return known->second;
  }

  std::vector<place> heads_of_all_groups() {
    std::vector<place> heads;
    auto& next = db_.query<next_group>();
    next.queue = queue_;
    for (next.after.clear(); next.sql.one(); next.after = next.group)
      if (next.head.run_at <= now_)
        heads.push_back(next.head);
    return heads;
  }

  session& db_;
  const std::int64_t queue_, now_, wanted_;
  std::unordered_map<std::string, std::int64_t> heads_;
  std::int64_t stepped_over_ = 0;
};

} // namespace

ready_window read_ready_jobs(session& db, std::string_view queue, timestamp now, std::int64_t limit) {
  const read_snapshot snapshot{db};
  ready_window window;
  auto& named = db.query<find_queue_id>();
  named.name = queue;
  if (!named.sql.one())
    return window;
  window_reader reader{db, named.id, now, limit};
  auto places = reader.places();
  window.more = std::ssize(places) > limit;
  if (window.more)
    places.resize(static_cast<std::size_t>(limit));
  auto& load = db.query<load_job>();
  window.jobs.reserve(places.size());
  for (const auto& each : places) {
    load.id = each.id;
    if (!load.sql.one())
      continue;
    auto& job = window.jobs.emplace_back(load.row.job());
    if (load.row.has_large_args())
      job.args = read_body(db, each.id, payload_part::args).value_or("{}");
  }
  window.next_run_at = reader.next_run_at();
  return window;
}

} // namespace penstock::storage
