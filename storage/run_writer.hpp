#pragma once

#include <optional>
#include <string>

#include "core/run_state.hpp"
#include "messages/unit_of_work.hpp"
#include "storage/write_state.hpp"

namespace penstock::storage {

/// What the writer must know of a run.
struct run_row {
  run_id id{};
  integration_id integration{};
  job_id root{};
  run_state state = run_state::running;
  bool reauth = false; ///< one of its jobs said that a person must authorise again
  std::string error;
  bool dry = false; ///< what it does is undone and kept as a difference
};

/// Runs: their start, what their pages add to them, and their end, which is the integration's end of being updated.
class run_writer {
public:
  explicit run_writer(write_state& state) : state_(state) {}

  /// Starts a run (see start_run). A repeated start of the same live run changes nothing. The id, drawn if there was
  /// none.
  [[nodiscard]] result<run_id> start(const start_run& change);

  [[nodiscard]] std::optional<run_row> find(run_id id);
  [[nodiscard]] std::optional<run_row> find_by_root(job_id root);

  /// Adds what one unit did.
  void add(run_id id, const row_counts& rows, std::int64_t pages);

  /// A job of the run failed for good: the first message is kept.
  void note_failure(run_id id, const error& failure);

  /// The root has ended as `root_state`: ends the run, moves the integration, raises its event.
  void end(const run_row& row, job_state root_state);

private:
  void end_integration(const run_row& row, run_state ended);

  write_state& state_;
};

} // namespace penstock::storage
