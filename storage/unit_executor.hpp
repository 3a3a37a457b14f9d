#pragma once

#include <deque>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "messages/unit_of_work.hpp"
#include "storage/array_completions.hpp"
#include "storage/attempt_ends.hpp"
#include "storage/change_context.hpp"
#include "storage/cursor_writer.hpp"
#include "storage/grouped_completions.hpp"
#include "storage/job_changes.hpp"
#include "storage/job_endings.hpp"
#include "storage/job_enqueuer.hpp"
#include "storage/plain_completions.hpp"
#include "storage/request_check.hpp"
#include "storage/row_writer.hpp"
#include "storage/run_writer.hpp"
#include "storage/shared_claims.hpp"
#include "storage/write_state.hpp"

namespace penstock::storage {

/// One thing to do in a transaction: a unit, or the claims of a batch.
struct write_item {
  unit_of_work* unit = nullptr;
  unit_result* result = nullptr; ///< of the unit
  const std::vector<slot_claim>* claims = nullptr;
  std::vector<job_id>* lost = nullptr; ///< gets the jobs of the claims that are not this node's to run
};

/// Runs units of work inside the transaction in flight. A unit whose preconditions do not hold is refused, with
/// nothing of it written; a database that fails throws storage_exception.
class unit_executor : private unit_effects {
public:
  explicit unit_executor(write_state& state);

  /// `careful`: one job a statement, after an ambiguous_batch.
  /// `give`: new jobs may be given to slots that are left open.
  void run(std::span<const write_item> items, bool careful, bool give = false);

  /// Forgets what was put off: the transaction is undone, or its news are taken.
  void reset() noexcept;

  [[nodiscard]] job_changes& changes() noexcept { return changes_; }
  /// What follows from all that was closed since the last time.
  void settle();

private:
  // Units that only end a plain job and enqueue jobs go through together, statements shared among them.
  [[nodiscard]] static bool is_simple(const unit_of_work& unit) noexcept;
  void run_simple(bool careful);
  // Claims, and what new jobs the slots get that their queues left open.
  void run_claims(std::span<const write_item> items);
  void give_open_slots();
  void write_open_slots();
  void give_open_slots_of(std::int64_t queue, std::vector<const news_builder::new_job*> jobs);
  [[nodiscard]] bool is_brief(const news_builder::new_job& job) const;
  void complete_plain(bool careful);
  void complete_in_arrays();
  void enqueue_all(unit_of_work& unit, unit_result& result, std::span<const job_kind* const> kinds);

  void run_alone(unit_of_work& unit, unit_result& result);
  [[nodiscard]] result<void> attempt(unit_of_work& unit, unit_result& result, bool guarded);
  [[nodiscard]] result<void> check(const unit_of_work& unit);
  [[nodiscard]] result<void> apply_changes(const unit_of_work& unit, unit_result& result);
  [[nodiscard]] result<void> apply_one(change_context& context, const engine_change& change);
  [[nodiscard]] result<void> move_cursors(const unit_of_work& unit, std::int64_t& moved);
  void end_started_runs();
  [[nodiscard]] bool is_dry(run_id id);
  [[nodiscard]] result<void> try_out(unit_of_work& unit, unit_result& result, const job_row& job, run_id run);

  [[nodiscard]] result<enqueued> enqueue(const job_request& request) override;
  void raise(event_draft draft) override { state_.raise(std::move(draft)); }
  void cancel(job_id id, const std::string& reason, bool tell) override { changes_.cancel(id, reason, tell); }

  struct simple_unit {
    unit_of_work* unit;
    unit_result* result;
    std::size_t first_kind; ///< of its jobs, in kinds_
    bool ended = false;     ///< its attempt's end is written
  };

  write_state& state_;
  request_check check_request_;
  job_enqueuer enqueuer_;
  run_writer runs_;
  job_endings endings_;
  attempt_ends ends_;
  row_writer rows_;
  cursor_writer cursors_;
  job_changes changes_;
  plain_completions completions_;
  grouped_completions grouped_;
  std::optional<shared_claims> shared_; ///< where other nodes claim too
  // Of one transaction: claims that may have to be cut down, and those that leave their slot open.
  std::vector<shared_claims::wish> wishes_;
  std::vector<std::pair<std::int64_t, const slot_claim*>> left_open_;
  /// In place of completions_ and grouped_, where a statement is a round trip.
  std::optional<array_completions> in_arrays_;
  std::size_t most_in_window_;
  std::vector<simple_unit> window_;
  std::vector<const job_kind*> kinds_;
  std::vector<run_id> started_;  ///< runs that the unit started
  std::deque<job_request> made_; ///< requests of the changes' own: their texts are needed for the news
};

} // namespace penstock::storage
