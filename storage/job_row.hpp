#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/ids.hpp"
#include "core/job_state.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// What the writer must know of a stored job to move it: its state and its ties.
struct job_row {
  job_id id{};
  job_state state = job_state::waiting;
  std::int64_t queue = 0, kind = 0; ///< numbers of names
  std::int64_t attempts = 0, ties = 0;
  std::int64_t priority = 0, run_at = 0; ///< where it waits; microseconds since the epoch
  std::string unique_key, group, stream;
  integration_id integration{};
  organisation_id organisation{};
  run_id run{};
  job_id parent{};
};

[[nodiscard]] std::optional<job_row> find_job_row(session& db, job_id id);

} // namespace penstock::storage
