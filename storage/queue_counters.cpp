#include "storage/queue_counters.hpp"

#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct write_count {
  std::int64_t queue = 0, state = 0, n = 0;
  statement sql;
  explicit write_count(session& db)
      : sql(db, "write queue count",
            "INSERT INTO queue_counts (queue_id, state, n) VALUES (:queue, :state, :n) "
            "ON CONFLICT (queue_id, state) DO UPDATE SET n = excluded.n") {
    sql.in(queue).in(state).in(n);
  }
};

} // namespace

void queue_counters::load() {
  now_.clear();
  std::int64_t queue = 0, state = 0, n = 0;
  statement all{db_, "read queue counts", "SELECT queue_id, state, n FROM queue_counts"};
  all.out(queue).out(state).out(n);
  for (bool row = all.first(); row; row = all.next())
    if (state >= 0 && state < static_cast<std::int64_t>(job_state_count))
      row_of(queue)[static_cast<std::size_t>(state)] = n;
  stored_ = now_;
}

std::int64_t queue_counters::count(std::int64_t queue, job_state state) const noexcept {
  const auto index = static_cast<std::size_t>(queue);
  return index < now_.size() ? now_[index][static_cast<std::size_t>(state)] : 0;
}

void queue_counters::flush() {
  stored_.resize(now_.size());
  auto& write = db_.query<write_count>();
  for (std::size_t queue = 0; queue < now_.size(); ++queue)
    for (std::size_t state = 0; state < job_state_count; ++state)
      if (now_[queue][state] != stored_[queue][state]) {
        write.queue = static_cast<std::int64_t>(queue);
        write.state = static_cast<std::int64_t>(state);
        write.n = now_[queue][state];
        write.sql.run();
      }
}

} // namespace penstock::storage
