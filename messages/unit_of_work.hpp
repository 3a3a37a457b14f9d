#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/ids.hpp"
#include "core/job_state.hpp"
#include "core/time.hpp"
#include "messages/engine_change.hpp"
#include "messages/event.hpp"
#include "messages/integration.hpp"
#include "messages/job.hpp"
#include "messages/row.hpp"

namespace penstock {

/// How an attempt ended.
enum class attempt_outcome : std::uint8_t {
  succeeded, ///< completed, or awaiting children while any is open
  retry,     ///< costs an attempt; runs again at `run_again_at`
  postponed, ///< costs nothing; runs again at `run_again_at`
  failed,    ///< for good
  cancelled
};

/// The end of the attempt that a unit of work belongs to. It is a fence too: the store refuses the whole unit with
/// `conflict` if the job is not waiting under exactly this attempt any more (it ended, was cancelled, or runs again).
struct attempt_end {
  job_id job{};
  std::uint16_t attempts = 0; ///< ready_job::attempts under which it ran
  /// ready_job::queue. Lets the store end jobs that nothing hangs on without reading them first, and those of one
  /// claim with few statements. Empty: it looks them up, one by one.
  std::string queue;
  bool grouped = false;      ///< ready_job::group_key is not empty
  bool tied = false;         ///< ready_job::tied
  std::uint8_t priority = 5; ///< ready_job::priority and run_at: where it waited, for the same end as `queue`
  timestamp run_at = no_time;
  attempt_outcome outcome = attempt_outcome::succeeded;
  std::string result;           ///< JSON, small; empty if none
  std::optional<error> failure; ///< set for retry, failed; may be set for postponed
  timestamp run_again_at = no_time;
  timestamp started_at = no_time, finished_at = no_time;
};

/// Moves the committed cursor of a stream, in the transaction that stores the page's rows. Pages of one run are
/// stored in order: page n only after n - 1 (refused with `conflict` otherwise). Once the run has ended, rows of a
/// page that a person retried are stored, and the cursor stays.
struct cursor_advance {
  integration_id integration{};
  std::string stream;
  run_id run{};
  std::int64_t page = 1; ///< from 1 in each run
  std::string cursor;
  std::string gap; ///< set when the provider refused a stretch: kept with the stream, empty leaves it
};

/// A handler that read before it wrote: the unit is refused with `conflict` if the row has another version by now.
struct row_expectation {
  std::string table;
  integration_id integration{};
  std::string source_id;
  std::int64_t version = 0;
};

/// Everything that happens together or not at all, as data: the store runs it, batches it with others and may run it
/// again after a failed commit. Order of execution: expectations, attempt end (fence), changes, rows, appends, cursors,
/// jobs, events.
struct unit_of_work {
  std::optional<attempt_end> ends;
  std::vector<row_expectation> expects;
  std::vector<engine_change> changes;
  std::vector<row_upserts> rows;
  std::vector<row_appends> appends;
  std::vector<row_error> row_errors;
  std::vector<cursor_advance> cursors;
  std::vector<job_request> jobs;
  std::vector<event_draft> events;
  std::vector<http_exchange> exchanges; ///< kept with the job
  std::vector<job_log_line> logs;       ///< kept with the job

  /// Rough size in bytes, for lanes and limits of a transaction.
  [[nodiscard]] std::size_t weight() const noexcept;
};

/// The jobs that a worker slot runs from now on, written before their handlers start. Replaces the slot's former ones;
/// an empty list frees the slot. Recovery after a crash reads these records alone.
///
/// A slot that nothing waits for may be left open: from then on the store gives it the next new jobs of the queue, in the
/// transaction that stores them (commit_news::gifts). The queue takes an open slot back by its next claim, which is void
/// where the store was quicker: then the queue hears of the jobs before it hears of the claim.
struct slot_claim {
  std::string queue;
  std::uint16_t slot = 0;
  bool alone = false; ///< a suspect that runs by itself
  std::vector<job_id> jobs;
  /// ready_job::attempts of each; empty: not known. Where nodes share a database, a job that another one ran meanwhile
  /// is not claimed.
  std::vector<std::uint16_t> attempts{};
  /// The slot is left open under this number, which is higher than all that its queue used before, in whatever life; 0: it is
  /// not. Without jobs.
  std::uint64_t leaves_open = 0;
  std::uint64_t takes_back = 0; ///< the number under which it was open until now; 0: it was not
  /// Which life of the queue claims: what an earlier one, that died, left open is open no more.
  std::uint64_t life = 0;
};

/// How many jobs of brief kinds share one hand-over to a worker, where so many wait and so many slots could take some: never so
/// many that another slot would go without. `slots` is at least 1.
[[nodiscard]] constexpr std::size_t jobs_a_turn(std::size_t waiting, std::size_t slots) noexcept {
  constexpr std::size_t most = 256;
  return std::clamp<std::size_t>((waiting + slots - 1) / slots, 1, most);
}

/// What became of a job_request.
struct enqueued {
  job_id id{};
  bool deduplicated = false; ///< `id` is that of a job that holds the unique key
  bool once_more = false;    ///< that job runs once more when it has ended
  bool dropped = false;      ///< its stream was stopped in this run, or the run was cancelled: nothing was written
};

/// What became of a unit.
struct unit_result {
  std::optional<error> refused; ///< nothing of the unit was written
  std::vector<enqueued> jobs;   ///< one for each request, in order
  row_counts rows;
  std::vector<std::int64_t> created;    ///< ids drawn for changes that create something, in order
  std::vector<schedule_firing> firings; ///< of schedules, in order
  std::optional<job_state> ended_as;    ///< the state of the job after `ends`
  bool repeated = false; ///< of a unit that is done once: this is what it answered before, and nothing was done now
  [[nodiscard]] bool ok() const noexcept { return !refused; }
};

/// What others must hear of after a commit. In the order of the units.
struct commit_news {
  /// Jobs that may run: new, retried, released by the one before them in their group. One that is told twice, or runs
  /// already, is to be ignored.
  std::vector<ready_job> ready;
  std::vector<event> events; ///< with positions
  /// No job of these prefixes may start before their time.
  struct block {
    std::string prefix;
    timestamp until = no_time;
  };
  std::vector<block> blocks;
  /// New jobs that were given to a slot that their queue had left open: claimed as if it had asked, and not in `ready`.
  struct gift {
    std::string queue;
    std::uint16_t slot = 0;
    std::uint64_t left_open_as = 0; ///< slot_claim::leaves_open
    std::vector<ready_job> jobs;
  };
  std::vector<gift> gifts;
};

} // namespace penstock
