#include "storage/ready_jobs.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <unordered_map>
#include <vector>

#include "storage/job_bodies.hpp"
#include "storage/kind_names.hpp"
#include "storage/read_snapshot.hpp"
#include "storage/ready_columns.hpp"

namespace penstock::storage {
namespace {

constexpr int priorities = 10;
// Jobs behind others of their group that are stepped over before the heads are looked up group by group.
constexpr std::int64_t most_stepped_over = 4'000;

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
  std::int64_t queue = 0, priority = 0, run_at = 0, id = 0, now = 0, limit = 0;
  ready_columns row;
  statement sql;
  explicit walk_single(session& db)
      : sql(db, "walk ready jobs",
            std::string{"SELECT "} + ready_columns::names +
              " FROM jobs j WHERE state = 0 AND group_key IS NULL AND queue_id = :queue AND priority = :priority "
              "AND (run_at, id) > (:run_at, :id) AND run_at <= :now ORDER BY run_at, id LIMIT :limit") {
    sql.in(queue).in(priority).in(run_at).in(id).in(now).in(limit);
    row.bind(sql);
  }
};

/// Places of jobs with a group, first of it or not.
struct walk_grouped {
  std::int64_t queue = 0, priority = 0, run_at = 0, id = 0, now = 0, limit = 0;
  std::int64_t found_run_at = 0, found_id = 0;
  std::string group;
  statement sql;
  explicit walk_grouped(session& db)
      : sql(db, "walk grouped jobs",
            "SELECT run_at, id, group_key FROM jobs WHERE state = 0 AND group_key IS NOT NULL "
            "AND queue_id = :queue AND priority = :priority AND (run_at, id) > (:run_at, :id) AND run_at <= :now "
            "ORDER BY run_at, id LIMIT :limit") {
    sql.in(queue).in(priority).in(run_at).in(id).in(now).in(limit).out(found_run_at).out(found_id).out(group);
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
  std::int64_t priority = 0, run_at = 0, id = 0;
  statement sql;
  explicit next_group(session& db)
      : sql(db, "next group",
            "SELECT group_key, priority, run_at, id FROM jobs WHERE state = 0 AND queue_id = :queue "
            "AND group_key > :after ORDER BY group_key, id LIMIT 1") {
    sql.in(queue).in(after).out(group).out(priority).out(run_at).out(id);
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
  ready_columns row;
  statement sql;
  explicit load_job(session& db)
      : sql(db, "load job", std::string{"SELECT "} + ready_columns::names + " FROM jobs j WHERE j.id = :id") {
    sql.in(id);
    row.bind(sql);
  }
};

/// One reading of one queue.
class window_reader {
public:
  window_reader(session& db, std::string_view queue, std::int64_t queue_id, timestamp now, std::int64_t limit,
                const queue_place& after)
      : db_(db), kinds_(db.query<kind_names>()), queue_(queue), queue_id_(queue_id), now_(now), wanted_(limit + 1),
        after_(after) {}

  /// One more than the limit, if there are as many.
  std::vector<ready_job> jobs() {
    auto singles = read_singles();
    // Of the grouped ones as many again may be needed, but none that comes after a full window.
    const queue_place last = std::ssize(singles) == wanted_ ? singles.back().place() : queue_place{9, now_, {}};
    auto heads = load(head_places(last));
    if (heads.empty())
      return singles;
    std::vector<ready_job> all;
    all.reserve(singles.size() + heads.size());
    std::merge(std::move_iterator(singles.begin()), std::move_iterator(singles.end()),
               std::move_iterator(heads.begin()), std::move_iterator(heads.end()), std::back_inserter(all),
               [](const ready_job& a, const ready_job& b) { return a.place() < b.place(); });
    if (std::ssize(all) > wanted_)
      all.erase(all.begin() + wanted_, all.end());
    return all;
  }

  timestamp next_run_at() {
    std::int64_t earliest = 0;
    const auto probe = [&](next_due& due) {
      due.queue = queue_id_;
      due.now = micros(now_);
      for (due.priority = 0; due.priority < priorities; ++due.priority)
        if (due.sql.one() && (earliest == 0 || due.run_at < earliest))
          earliest = due.run_at;
    };
    probe(db_.query<next_due_single>());
    probe(db_.query<next_due_grouped>());
    return moment(earliest);
  }

private:
  /// Sets the range of a walk through one priority, behind `after_`.
  template <class Walk>
  void enter(Walk& walk, int priority, timestamp until) {
    const bool within = priority == after_.priority;
    walk.queue = queue_id_;
    walk.priority = priority;
    walk.run_at = within ? micros(after_.run_at) : 0;
    walk.id = within ? after_.id.value : 0;
    walk.now = micros(until);
  }

  template <class Columns>
  ready_job loaded(const Columns& row) {
    auto job = row.job(queue_, kinds_.of(row.kind_id()));
    if (row.has_large_args())
      job.args = read_body(db_, row.id(), payload_part::args).value_or("{}");
    return job;
  }

  std::vector<ready_job> read_singles() {
    std::vector<ready_job> jobs;
    auto& walk = db_.query<walk_single>();
    for (int priority = after_.priority; priority < priorities && std::ssize(jobs) < wanted_; ++priority) {
      enter(walk, priority, now_);
      walk.limit = wanted_ - std::ssize(jobs);
      for (bool row = walk.sql.first(); row; row = walk.sql.next())
        jobs.push_back(loaded(walk.row));
    }
    return jobs;
  }

  std::vector<queue_place> head_places(const queue_place& last) {
    std::vector<queue_place> heads;
    for (int priority = after_.priority; priority <= last.priority && std::ssize(heads) < wanted_; ++priority)
      if (!add_heads(heads, priority, priority == last.priority ? last.run_at : now_))
        return heads_of_all_groups();
    return heads;
  }

  /// False: too many stood behind others.
  bool add_heads(std::vector<queue_place>& heads, int priority, timestamp until) {
    auto& walk = db_.query<walk_grouped>();
    enter(walk, priority, until);
    walk.limit = wanted_ + most_stepped_over + 1; // one of both ends the walk
    for (bool row = walk.sql.first(); row; row = walk.sql.next()) {
      if (head_of(walk.group) == walk.found_id) {
        heads.push_back({static_cast<std::uint8_t>(priority), moment(walk.found_run_at), {walk.found_id}});
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
      first.queue = queue_id_;
      first.group = group;
      if (first.sql.one())
        known->second = first.id;
    }
    return known->second;
  }

  std::vector<queue_place> heads_of_all_groups() {
    std::vector<queue_place> heads;
    auto& next = db_.query<next_group>();
    next.queue = queue_id_;
    for (next.after.clear(); next.sql.one(); next.after = next.group) {
      const queue_place head{static_cast<std::uint8_t>(next.priority), moment(next.run_at), {next.id}};
      if (head.run_at <= now_ && head > after_)
        heads.push_back(head);
    }
    std::sort(heads.begin(), heads.end());
    if (std::ssize(heads) > wanted_)
      heads.resize(static_cast<std::size_t>(wanted_));
    return heads;
  }

  std::vector<ready_job> load(const std::vector<queue_place>& places) {
    std::vector<ready_job> jobs;
    jobs.reserve(places.size());
    auto& load = db_.query<load_job>();
    for (const auto& place : places) {
      load.id = place.id.value;
      if (load.sql.one())
        jobs.push_back(loaded(load.row));
    }
    return jobs;
  }

  session& db_;
  kind_names& kinds_;
  const std::string queue_;
  const std::int64_t queue_id_;
  const timestamp now_;
  const std::int64_t wanted_;
  const queue_place after_;
  std::unordered_map<std::string, std::int64_t> heads_;
  std::int64_t stepped_over_ = 0;
};

} // namespace

ready_window read_ready_jobs(session& db, std::string_view queue, timestamp now, std::int64_t limit,
                             const queue_place& after) {
  const read_snapshot snapshot{db};
  ready_window window;
  auto& named = db.query<find_queue_id>();
  named.name = queue;
  if (!named.sql.one())
    return window;
  window_reader reader{db, queue, named.id, now, limit, after};
  window.jobs = reader.jobs();
  window.more = std::ssize(window.jobs) > limit;
  if (window.more)
    window.jobs.resize(static_cast<std::size_t>(limit));
  window.next_run_at = reader.next_run_at();
  return window;
}

} // namespace penstock::storage
