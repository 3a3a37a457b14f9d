#pragma once

#include <cstdint>
#include <string>

#include "core/ids.hpp"
#include "core/run_state.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {

/// Whether a run still takes jobs of a stream. A query: see session::query.
class stream_stop {
public:
  explicit stream_stop(session& db)
      : sql_(db, "find stopped stream",
             "SELECT (SELECT state FROM runs WHERE id = :run), "
             "(SELECT stopped_by_job FROM run_streams WHERE run_id = :run_again AND stream = :stream)") {
    sql_.in(run_).in(run_).in(stream_).out(state_).out(stopped_by_);
  }

  /// Looks it up: what follows is about this one.
  void look_up(run_id run, const std::string& stream) {
    run_ = run.value;
    stream_ = stream;
    sql_.one();
  }
  /// One of its jobs failed or was cancelled: what it fetches is dropped until the run ends and after.
  [[nodiscard]] bool stream_stopped() const noexcept { return stopped_by_.has_value(); }
  [[nodiscard]] bool run_cancelled() const noexcept {
    return state_.value_or(0) == static_cast<std::int64_t>(run_state::cancelled);
  }

private:
  std::int64_t run_ = 0;
  std::string stream_;
  nullable<std::int64_t> state_, stopped_by_;
  statement sql_;
};

} // namespace penstock::storage
