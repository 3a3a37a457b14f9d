#include "storage/ready_lanes.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "storage/queue_id.hpp"
#include "storage/read_snapshot.hpp"
#include "storage/ready_rows.hpp"

namespace penstock::storage {
namespace {

constexpr std::int64_t most_due_looked_at = 2'000;
constexpr std::string_view group_limits = "group ";

/// The lane behind another one, with the first job of it by id.
struct next_lane {
  std::int64_t queue = 0, id = 0;
  std::string after, key;
  statement sql;
  explicit next_lane(session& db)
      : sql(db, "next lane",
            "SELECT group_key, id FROM jobs WHERE state = 0 AND queue_id = :queue AND group_key > :after "
            "ORDER BY group_key, id LIMIT 1") {
    sql.in(queue).in(after).out(key).out(id);
  }
};

struct first_of_lane {
  std::int64_t queue = 0;
  std::string key;
  ready_columns row;
  statement sql;
  explicit first_of_lane(session& db)
      : sql(db, "first of lane",
            std::string{"SELECT "} + ready_columns::names +
              " FROM jobs j WHERE state = 0 AND queue_id = :queue AND group_key = :group_key ORDER BY id LIMIT 1") {
    sql.in(queue).in(key);
    row.bind(sql);
  }
};

struct next_priority {
  std::int64_t queue = 0, least = 0, found = 0;
  std::string key;
  statement sql;
  explicit next_priority(session& db)
      : sql(db, "next priority of lane",
            "SELECT priority FROM jobs WHERE state = 0 AND queue_id = :queue AND group_key = :group_key "
            "AND priority >= :least ORDER BY priority LIMIT 1") {
    sql.in(queue).in(key).in(least).out(found);
  }
};

struct walk_lane {
  std::int64_t queue = 0, priority = 0, run_at = 0, id = 0, now = 0, limit = 0;
  std::string key;
  ready_columns row;
  statement sql;
  explicit walk_lane(session& db)
      : sql(db, "walk lane",
            std::string{"SELECT "} + ready_columns::names +
              " FROM jobs j WHERE state = 0 AND queue_id = :queue AND group_key = :group_key AND priority = :priority "
              "AND (run_at, id) > (:run_at, :id) AND run_at <= :now ORDER BY run_at, id LIMIT :limit") {
    sql.in(queue).in(key).in(priority).in(run_at).in(id).in(now).in(limit);
    row.bind(sql);
  }
};

/// Lanes of jobs whose time came in a stretch.
struct became_due {
  std::int64_t queue = 0, priority = 0, since = 0, now = 0, limit = most_due_looked_at;
  std::string key;
  statement sql;
  explicit became_due(session& db)
      : sql(db, "lanes that became due",
            "SELECT group_key FROM jobs WHERE state = 0 AND group_key IS NOT NULL AND queue_id = :queue "
            "AND priority = :priority AND run_at > :since AND run_at <= :now LIMIT :limit") {
    sql.in(queue).in(priority).in(since).in(now).in(limit).out(key);
  }
};

struct next_due_in_lanes {
  std::int64_t queue = 0, priority = 0, now = 0, run_at = 0;
  statement sql;
  explicit next_due_in_lanes(session& db)
      : sql(db, "next due in lanes",
            "SELECT run_at FROM jobs WHERE state = 0 AND group_key IS NOT NULL AND queue_id = :queue "
            "AND priority = :priority AND run_at > :now ORDER BY run_at LIMIT 1") {
    sql.in(queue).in(priority).in(now).out(run_at);
  }
};

struct standing_blocks {
  std::int64_t now = 0, until = 0;
  std::string name;
  statement sql;
  explicit standing_blocks(session& db)
      : sql(db, "standing blocks",
            "SELECT name, blocked_until FROM shared_limits WHERE blocked_until > 0 AND blocked_until > :now LIMIT "
            "10000") {
    sql.in(now).out(name).out(until);
  }
};

/// One reading of the lanes of one queue.
class lane_reader {
public:
  lane_reader(session& db, std::string_view queue, std::int64_t queue_id, const lane_request& wanted)
      : db_(db), kinds_(db.query<kind_names>()), queue_(queue), queue_id_(queue_id), wanted_(wanted) {}

  lane_window read() {
    for (const auto& wish : wanted_.lanes)
      read_lane(wish.key, wish.after);
    if (wanted_.due_since != no_time)
      read_those_due_since();
    if (wanted_.search)
      search();
    found_.next_run_at = earliest_due<next_due_in_lanes>(db_, queue_id_, wanted_.now);
    found_.blocks = read_blocks(db_, wanted_.now);
    return std::move(found_);
  }

private:
  void read_lane(const std::string& key, const queue_place& after) {
    if (!seen_.insert(key).second)
      return;
    auto& first = db_.query<first_of_lane>();
    first.queue = queue_id_;
    first.key = key;
    if (!first.sql.one())
      return;
    auto head = loaded(first.row);
    lane_window::lane lane{key, head.in_order, {}, false};
    if (!head.in_order)
      walk(lane, after);
    else if (head.run_at <= wanted_.now)
      lane.jobs.push_back(std::move(head));
    jobs_ += std::ssize(lane.jobs);
    found_.lanes.push_back(std::move(lane));
  }

  void walk(lane_window::lane& lane, const queue_place& after) {
    auto& skip = db_.query<next_priority>();
    skip.queue = queue_id_;
    skip.key = lane.key;
    auto& walk = db_.query<walk_lane>();
    walk.queue = queue_id_;
    walk.key = lane.key;
    walk.now = micros(wanted_.now);
    const auto wanted = wanted_.jobs_a_lane + 1;
    for (skip.least = after.priority; std::ssize(lane.jobs) < wanted && skip.sql.one(); skip.least = skip.found + 1) {
      const bool within = skip.found == after.priority;
      walk.priority = skip.found;
      walk.run_at = within ? micros(after.run_at) : 0;
      walk.id = within ? after.id.value : 0;
      walk.limit = wanted - std::ssize(lane.jobs);
      for (bool row = walk.sql.first(); row; row = walk.sql.next())
        lane.jobs.push_back(loaded(walk.row));
    }
    lane.more = std::ssize(lane.jobs) == wanted;
    if (lane.more)
      lane.jobs.pop_back();
  }

  void read_those_due_since() {
    std::set<std::string> keys;
    std::int64_t looked_at = 0;
    auto& due = db_.query<became_due>();
    due.queue = queue_id_;
    due.since = micros(wanted_.due_since);
    due.now = micros(wanted_.now);
    for (due.priority = 0; due.priority < priorities; ++due.priority)
      for (bool row = due.sql.first(); row; row = due.sql.next()) {
        keys.insert(due.key);
        ++looked_at;
      }
    found_.due_cut = looked_at >= most_due_looked_at || std::ssize(keys) > wanted_.most_lanes;
    if (!found_.due_cut)
      for (const auto& key : keys)
        read_lane(key, {});
  }

  void search() {
    auto& next = db_.query<next_lane>();
    next.queue = queue_id_;
    next.after = wanted_.search_after;
    std::int64_t lanes = 0;
    found_.searched_all = false;
    while (lanes < wanted_.most_lanes && jobs_ < wanted_.most_jobs) {
      if (!next.sql.one()) {
        found_.searched_all = true;
        break;
      }
      ++lanes;
      next.after = next.key;
      read_lane(next.after, {});
    }
    found_.searched_to = found_.searched_all ? std::string{} : next.after;
  }

  ready_job loaded(const ready_columns& row) { return whole_job(db_, row, queue_, kinds_); }

  session& db_;
  kind_names& kinds_;
  const std::string queue_;
  const std::int64_t queue_id_;
  const lane_request& wanted_;
  lane_window found_;
  std::set<std::string> seen_;
  std::int64_t jobs_ = 0;
};

} // namespace

lane_window read_ready_lanes(session& db, std::string_view queue, const lane_request& wanted) {
  const read_snapshot snapshot{db};
  auto& named = db.query<find_queue_id>();
  named.name = queue;
  if (!named.sql.one())
    return {.lanes = {}, .searched_to = {}, .searched_all = true, .blocks = read_blocks(db, wanted.now)};
  return lane_reader{db, queue, named.id, wanted}.read();
}

std::vector<commit_news::block> read_blocks(session& db, timestamp now) {
  std::vector<commit_news::block> all;
  auto& blocks = db.query<standing_blocks>();
  blocks.now = micros(now);
  for (bool row = blocks.sql.first(); row; row = blocks.sql.next())
    if (blocks.name.starts_with(group_limits))
      all.push_back({blocks.name.substr(group_limits.size()), moment(blocks.until)});
  return all;
}

} // namespace penstock::storage
