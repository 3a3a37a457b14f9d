#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "messages/job.hpp"

namespace penstock::actors {

/// The waiting jobs that a queue holds in memory: those due, in order of priority, run_at and id, and the next ones
/// that are not due yet. Bounded: what does not fit stays in the store alone and is fetched when there is room.
/// Not thread-safe: belongs to one queue actor.
class queue_window {
public:
  explicit queue_window(std::size_t capacity) : capacity_(capacity) {}

  /// Takes a job unless it is known already (here, or held by a slot). When full, the job that is last in order is
  /// left to the store.
  void add(ready_job job, timestamp now);

  /// Moves what has become due among the due ones. Call it before asking anything else.
  void advance(timestamp now);

  /// Takes the first due job out and notes it as held; it stays known until `forget`. Precondition: has_due().
  [[nodiscard]] ready_job take();
  [[nodiscard]] const ready_job& first() const;
  [[nodiscard]] bool has_due() const noexcept { return due_count_ > 0; }
  [[nodiscard]] std::size_t due_count() const noexcept { return due_count_; }

  /// Notes a job as held that did not come through `take`.
  void hold(job_id id);
  /// A held job ended or went back to the store: it may come again.
  void forget(job_id id);

  /// Drops a waiting job (it was cancelled). False: not here.
  bool drop(job_id id);

  /// When the next job that is not due yet becomes so; no_time: none known.
  [[nodiscard]] timestamp next_due_at() const noexcept;

  // The store's share: jobs that did not fit, or were there before this process.

  /// Whether the store may hold due jobs that the window lacks, and few enough are left here to fetch some.
  [[nodiscard]] bool wants_refill() const noexcept;
  /// How many to ask for: the window's room and, since they are returned too, those that slots hold.
  [[nodiscard]] std::size_t refill_size() const noexcept;
  void refill_started();
  /// `jobs` as read from the store some time after refill_started; `more`: its limit cut it; `next_run_at`: the
  /// earliest to come in the store (no_time: none).
  void refill_arrived(std::vector<ready_job> jobs, bool more, timestamp next_run_at, timestamp now);
  /// The read failed: ask again later.
  void refill_failed(timestamp now);

private:
  using order = std::pair<timestamp, job_id>;

  void insert(ready_job job, timestamp now);
  void shrink();

  const std::size_t capacity_;
  std::array<std::map<order, ready_job>, 10> due_; ///< by priority
  std::size_t due_count_ = 0;
  std::map<order, ready_job> delayed_;
  std::unordered_set<job_id> known_;
  std::unordered_set<job_id> ended_since_refill_; ///< a refill that was read before they ended would bring them back
  bool refilling_ = false;
  bool store_has_due_ = true;           ///< at start we know nothing
  timestamp store_next_ = no_time;      ///< when the store alone has something due
};

} // namespace penstock::actors
