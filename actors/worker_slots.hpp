#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/time.hpp"
#include "messages/actors/work.hpp"
#include "messages/job.hpp"

namespace penstock::actors {

/// One place of a queue where work runs.
struct worker_slot {
  enum class phase : std::uint8_t {
    free,
    open,     ///< nothing waits: the store may give it new jobs
    claiming, ///< its record is being written, with the jobs of `next` whose handlers have not started, or with none: the
              ///< slot is left open or taken back
    running,
    settling ///< the results are being committed (with the claim of what comes next)
  };
  phase now = phase::free;
  std::uint64_t turn = 0;            ///< grows with each hand-over; answers of older turns are ignored
  shared_jobs jobs;                  ///< running or settling
  std::vector<ready_job> next;       ///< settling: claimed in the same commit, or given since; start after it
  std::vector<timestamp> started_at; ///< settling: of `jobs`, for settling a refusal again
  timestamp running_since = no_time;
  timestamp deadline = no_time;    ///< running: when the first job of the turn is out of time
  bool alone = false;              ///< a suspect that runs by itself
  std::vector<ready_job> given_up; ///< settling: of a claim that is taken back, and wait again once that is stored
  std::uint64_t open_as = 0;       ///< the number under which the store may give it jobs, or may have; 0: it cannot
  bool record_is_stale = false;    ///< settling: the store gave it jobs that run in other slots
  bool by_hand = false;            ///< `next` was asked for by a person, whom no pause keeps from it
  bool next_is_claimed = true;     ///< settling: false when the claim of `next` alone was not stored
  std::unordered_map<job_id, std::string> cancelled; ///< of `jobs`, `next` and `given_up`, by a person, with the reason
  std::optional<stop_reason> stop;                   ///< running: it was told to stop

  /// Makes a result that of a cancelled attempt if a person cancelled the job.
  void mark_if_cancelled(job_id job, work_result& result) const {
    if (const auto found = cancelled.find(job); found != cancelled.end()) {
      result.cancelled = true;
      result.failed = error{error_code::cancelled, found->second};
    }
  }
};

/// The slots of a queue: which are free, who runs what, what is overdue. Plain data and look-ups.
class worker_slots {
public:
  explicit worker_slots(std::uint16_t count) : slots_(count) {}

  [[nodiscard]] std::size_t size() const noexcept { return slots_.size(); }
  [[nodiscard]] worker_slot& at(std::uint16_t slot) { return slots_.at(slot); }
  [[nodiscard]] const worker_slot& at(std::uint16_t slot) const { return slots_.at(slot); }

  [[nodiscard]] std::optional<std::uint16_t> first_free() const noexcept { return first(worker_slot::phase::free); }
  /// A free one, else the last open one: the store gives the first one away first.
  [[nodiscard]] std::optional<std::uint16_t> idle() const noexcept;
  [[nodiscard]] std::optional<std::uint16_t> first_open() const noexcept { return first(worker_slot::phase::open); }
  [[nodiscard]] std::size_t free_count() const noexcept { return count(worker_slot::phase::free); }
  [[nodiscard]] std::size_t idle_count() const noexcept { return free_count() + count(worker_slot::phase::open); }
  [[nodiscard]] bool all_free() const noexcept { return free_count() == slots_.size(); }

  /// The slot of an answer, unless it is of an older turn or no worker runs there.
  [[nodiscard]] worker_slot* running(const slot_turn& turn) noexcept;
  /// The slot that holds this job, running or not.
  [[nodiscard]] std::optional<std::uint16_t> slot_holding(job_id job) const noexcept;
  /// The slot whose claim of this job is being taken back; null: none.
  [[nodiscard]] worker_slot* giving_up(job_id job) noexcept;
  [[nodiscard]] std::vector<job_id> active_jobs() const;

  /// A job of a claim that is taken back does not wait again: it was cancelled.
  void forget_given_up(job_id job);

  /// Running slots whose deadline has passed: told to stop next, or, if they were told already, abandoned.
  [[nodiscard]] std::vector<std::uint16_t> overdue(timestamp now) const;
  [[nodiscard]] timestamp next_deadline() const noexcept;

private:
  [[nodiscard]] std::optional<std::uint16_t> first(worker_slot::phase phase) const noexcept;
  [[nodiscard]] std::size_t count(worker_slot::phase phase) const noexcept;

  std::vector<worker_slot> slots_;
};

} // namespace penstock::actors
