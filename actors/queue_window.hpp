#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

#include "messages/job.hpp"

namespace penstock::actors {

/// The waiting jobs that a queue holds in memory: those due, in their order, and the next ones that are not due yet.
/// Bounded: what does not fit stays in the store alone and is fetched when there is room. The due ones have no gap:
/// whatever the store holds beyond the last of them stands behind the *horizon*, and a job that comes from there waits
/// for its turn in the store. Only a job that was delayed, and too far ahead to be kept, may be overtaken once it is
/// due, by as many as stand here: it is looked for when half of them are gone.
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

  /// Drops a waiting job: it was cancelled, or is taken by another way.
  void drop(job_id id);

  /// When the next job that is not due yet becomes so; no_time: none known.
  [[nodiscard]] timestamp next_due_at() const noexcept;

  // The store's share: jobs that did not fit, or were there before this process.

  /// Whether the store may hold due jobs that the window lacks, and few enough are left here to fetch some.
  /// The store may hold jobs that nobody told of: the next refill starts from the front.
  void look_again() noexcept { from_front_ = true; }
  [[nodiscard]] bool wants_refill() const noexcept;
  /// Every due job of the store is here, as far as anybody told.
  [[nodiscard]] bool is_whole() const noexcept { return !horizon_ && !from_front_ && !refilling_from_; }
  /// It waits here, or a slot holds it.
  [[nodiscard]] bool knows(job_id id) const { return known_.contains(id); }
  /// What to read of the store: at most `limit` jobs that are due at `now` and stand behind `after`.
  struct refill_request {
    queue_place after;
    std::size_t limit = 0;
    timestamp now = no_time;
  };
  /// `refill_arrived` or `refill_failed` follows. `now` as given to `advance` just before.
  [[nodiscard]] refill_request start_refill(timestamp now);
  /// `jobs` as read from the store some time after start_refill; `more`: its limit cut it; `next_run_at`: the earliest
  /// to come in the store (no_time: none).
  void refill_arrived(std::vector<ready_job> jobs, bool more, timestamp next_run_at, timestamp now);
  /// The read failed: ask again later.
  void refill_failed(timestamp now);

private:
  using order = std::pair<timestamp, job_id>;

  void insert(ready_job job, timestamp now);
  void insert_due(ready_job job);
  void note_dropped(const queue_place& place);
  void drop_behind(const queue_place& place);
  void shrink();

  const std::size_t capacity_;
  std::array<std::map<order, ready_job>, 10> due_; ///< by priority
  std::size_t due_count_ = 0;
  std::map<order, ready_job> delayed_;
  std::unordered_set<job_id> known_;
  /// Of the due jobs in the store, those up to here are known. nullopt: all are.
  std::optional<queue_place> horizon_ = queue_place{};
  /// Delayed jobs of the store alone became due, anywhere before the horizon: the next refill starts from the front.
  bool from_front_ = false;
  timestamp store_next_ = no_time;  ///< when the store alone has something due
  timestamp pause_until_ = no_time; ///< a refill failed: none before

  std::optional<queue_place> refilling_from_;
  std::vector<ready_job> arrived_; ///< due jobs from behind the horizon that came while a refill was under way
  /// The first of those that found no room meanwhile: the refill may have been read before they were written.
  std::optional<queue_place> dropped_;
  std::unordered_set<job_id> ended_since_refill_; ///< a refill that was read before they ended would bring them back
};

} // namespace penstock::actors
