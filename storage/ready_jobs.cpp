#include "storage/ready_jobs.hpp"

#include <string>
#include <vector>

#include "storage/queue_id.hpp"
#include "storage/read_snapshot.hpp"
#include "storage/ready_rows.hpp"

namespace penstock::storage {
namespace {

/// Jobs without a group, in order, from one priority.
struct walk_single {
  std::int64_t queue = 0, priority = 0, run_at = 0, id = 0, now = 0, limit = 0;
  ready_columns row;
  statement sql;
  explicit walk_single(session& db)
      : sql(db, "walk ready jobs",
            std::string{"SELECT "} + ready_columns::names +
              " FROM waiting_jobs w JOIN jobs j ON j.id = w.id WHERE w.queue_id = :queue AND w.priority = :priority "
              "AND (w.run_at, w.id) > (:run_at, :id) AND w.run_at <= :now AND j.state = 0 ORDER BY w.run_at, w.id "
              "LIMIT :limit") {
    sql.in(queue).in(priority).in(run_at).in(id).in(now).in(limit);
    row.bind(sql);
  }
};

struct next_due {
  std::int64_t queue = 0, priority = 0, now = 0, run_at = 0;
  statement sql;
  explicit next_due(session& db)
      : sql(db, "next due job",
            "SELECT run_at FROM waiting_jobs WHERE queue_id = :queue "
            "AND priority = :priority AND run_at > :now ORDER BY run_at LIMIT 1") {
    sql.in(queue).in(priority).in(now).out(run_at);
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
    std::vector<ready_job> jobs;
    auto& walk = db_.query<walk_single>();
    for (int priority = after_.priority; priority < priorities && std::ssize(jobs) < wanted_; ++priority) {
      enter(walk, priority);
      walk.limit = wanted_ - std::ssize(jobs);
      for (bool row = walk.sql.first(); row; row = walk.sql.next())
        jobs.push_back(loaded(walk.row));
    }
    return jobs;
  }

  timestamp next_run_at() { return earliest_due<next_due>(db_, queue_id_, now_); }

private:
  /// Sets the range of a walk through one priority, behind `after_`.
  void enter(walk_single& walk, int priority) {
    const bool within = priority == after_.priority;
    walk.queue = queue_id_;
    walk.priority = priority;
    walk.run_at = within ? micros(after_.run_at) : 0;
    walk.id = within ? after_.id.value : 0;
    walk.now = micros(now_);
  }

  ready_job loaded(const ready_columns& row) { return whole_job(db_, row, queue_, kinds_); }

  session& db_;
  kind_names& kinds_;
  const std::string queue_;
  const std::int64_t queue_id_;
  const timestamp now_;
  const std::int64_t wanted_;
  const queue_place after_;
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
