#include "storage/queue_summaries.hpp"

#include <algorithm>
#include <string>

#include "core/job_state.hpp"
#include "storage/held_jobs.hpp"
#include "storage/read_snapshot.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

constexpr int priorities = 10;

struct read_queues {
  std::int64_t id = 0, paused = 0;
  std::string name;
  statement sql;
  explicit read_queues(session& db) : sql(db, "read queues", "SELECT id, name, paused FROM queues ORDER BY name") {
    sql.out(id).out(name).out(paused);
  }
};

struct count_maintenance {
  std::int64_t on = 0;
  statement sql;
  explicit count_maintenance(session& db) : sql(db, "count maintenance", "SELECT COUNT(*) FROM maintenance") {
    sql.out(on);
  }
};

struct read_counts {
  std::int64_t queue = 0, state = 0, n = 0;
  statement sql;
  explicit read_counts(session& db)
      : sql(db, "read counts of queue", "SELECT state, n FROM queue_counts WHERE queue_id = :queue") {
    sql.in(queue).out(state).out(n);
  }
};

struct is_due {
  std::int64_t job = 0, now = 0, found = 0;
  statement sql;
  explicit is_due(session& db)
      : sql(db, "is job due",
            "SELECT id FROM jobs WHERE id = :job AND state = 0 AND run_at <= :now "
            "AND NOT EXISTS (SELECT 1 FROM plain_ends e WHERE e.job_id = jobs.id)") {
    sql.in(job).in(now).out(found);
  }
};

/// Jobs without a group wait in a table, the others in an index.
constexpr const char* single = "waiting_jobs WHERE ";
constexpr const char* grouped = "jobs WHERE state = 0 AND group_key IS NOT NULL AND ";

/// `which`: of the two.
struct count_delayed {
  std::int64_t queue = 0, priority = 0, now = 0, limit = most_delayed_counted, n = 0;
  statement sql;
  count_delayed(session& db, const std::string& which)
      : sql(db, "count delayed jobs",
            "SELECT COUNT(*) FROM (SELECT 1 FROM " + which +
              "queue_id = :queue AND priority = :priority AND run_at > :now LIMIT :limit) delayed") {
    sql.in(queue).in(priority).in(now).in(limit).out(n);
  }
};
struct count_delayed_single : count_delayed {
  explicit count_delayed_single(session& db) : count_delayed(db, single) {}
};
struct count_delayed_grouped : count_delayed {
  explicit count_delayed_grouped(session& db) : count_delayed(db, grouped) {}
};

struct oldest_waiting {
  std::int64_t queue = 0, priority = 0, now = 0, limit = 0, id = 0, run_at = 0;
  statement sql;
  oldest_waiting(session& db, const std::string& which)
      : sql(db, "oldest waiting job",
            "SELECT id, run_at FROM " + which +
              "queue_id = :queue AND priority = :priority AND run_at <= :now ORDER BY run_at, id LIMIT :limit") {
    sql.in(queue).in(priority).in(now).in(limit).out(id).out(run_at);
  }
};
struct oldest_waiting_single : oldest_waiting {
  explicit oldest_waiting_single(session& db) : oldest_waiting(db, single) {}
};
struct oldest_waiting_grouped : oldest_waiting {
  explicit oldest_waiting_grouped(session& db) : oldest_waiting(db, grouped) {}
};

std::int64_t delayed_of(count_delayed& count, std::int64_t queue, timestamp now) {
  std::int64_t all = 0;
  count.queue = queue;
  count.now = micros(now);
  for (count.priority = 0; count.priority < priorities; ++count.priority)
    if (count.sql.one())
      all += count.n;
  return all;
}

/// The earliest run_at of a job that no slot holds; steps over at most the held ones. 0: none.
std::int64_t oldest_of(oldest_waiting& oldest, std::int64_t queue, timestamp now,
                       const std::vector<std::int64_t>& held) {
  std::int64_t earliest = 0;
  oldest.queue = queue;
  oldest.now = micros(now);
  oldest.limit = std::ssize(held) + 1;
  for (oldest.priority = 0; oldest.priority < priorities; ++oldest.priority)
    for (bool row = oldest.sql.first(); row; row = oldest.sql.next()) {
      if (std::find(held.begin(), held.end(), oldest.id) != held.end())
        continue;
      if (earliest == 0 || oldest.run_at < earliest)
        earliest = oldest.run_at;
      oldest.sql.finish();
      break;
    }
  return earliest;
}

void add_counts(session& db, std::int64_t queue, queue_summary& summary) {
  auto& counts = db.query<read_counts>();
  counts.queue = queue;
  for (bool row = counts.sql.first(); row; row = counts.sql.next())
    switch (static_cast<job_state>(counts.state)) {
      case job_state::waiting: summary.waiting = counts.n; break;
      case job_state::awaiting_children: summary.awaiting_children = counts.n; break;
      case job_state::completed: summary.completed = counts.n; break;
      case job_state::failed: summary.failed = counts.n; break;
      case job_state::cancelled: summary.cancelled = counts.n; break;
      case job_state::active: break; // never stored: see slots
    }
}

} // namespace

std::vector<queue_summary> read_queue_summaries(session& db, timestamp now) {
  const read_snapshot snapshot{db};
  auto in_all_slots = jobs_in_slots(db);
  std::vector<std::int64_t> ids;
  std::vector<queue_summary> all;
  auto& maintenance = db.query<count_maintenance>();
  const bool held = maintenance.sql.one() && maintenance.on > 0;
  auto& queues = db.query<read_queues>();
  for (bool row = queues.sql.first(); row; row = queues.sql.next()) {
    ids.push_back(queues.id);
    auto& summary = all.emplace_back();
    summary.name = queues.name;
    summary.paused = queues.paused != 0;
    summary.held = held;
  }
  auto& due = db.query<is_due>();
  due.now = micros(now);
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto& summary = all[i];
    auto& in_slots = in_all_slots[ids[i]];
    std::sort(in_slots.begin(), in_slots.end());
    in_slots.erase(std::unique(in_slots.begin(), in_slots.end()), in_slots.end());
    std::erase_if(in_slots, [&](std::int64_t id) {
      due.job = id;
      return !due.sql.one();
    });
    add_counts(db, ids[i], summary);
    summary.active = std::ssize(in_slots);
    summary.delayed = delayed_of(db.query<count_delayed_single>(), ids[i], now) +
                      delayed_of(db.query<count_delayed_grouped>(), ids[i], now);
    // Waiting, delayed and active ones are the same to the store: it tells them apart by time and slots.
    summary.waiting = std::max<std::int64_t>(0, summary.waiting - summary.active - summary.delayed);
    const auto single = oldest_of(db.query<oldest_waiting_single>(), ids[i], now, in_slots);
    const auto grouped = oldest_of(db.query<oldest_waiting_grouped>(), ids[i], now, in_slots);
    summary.oldest_waiting_since = moment(single == 0 || (grouped != 0 && grouped < single) ? grouped : single);
  }
  return all;
}

} // namespace penstock::storage
