#pragma once

#include <cstdint>
#include <functional>

#include "core/error.hpp"
#include "core/time.hpp"
#include "storage/log_level.hpp"

namespace penstock::node {

/// Moves the database's log into its file when enough has gathered in it, or nothing more comes: while it is moved,
/// commits wait longer for the disk, so it is not done more often than it helps. Says so where it cannot: at once, then
/// every half minute, then that it can again. Not thread-safe.
class log_mover {
public:
  using gauge = std::function<storage::log_level()>;
  using mover = std::function<result<std::int64_t>()>; ///< storage::database::checkpoint

  /// What a start after a crash reads again, and readers look through, stays small with this.
  static constexpr std::int64_t enough_bytes = 16LL << 20;

  /// `clock` outlives the mover.
  log_mover(const wall_clock& clock, gauge level, mover move);

  /// One look. Called once a second.
  void run();

private:
  [[nodiscard]] bool is_time(const storage::log_level& level) noexcept;

  const wall_clock& clock_;
  const gauge level_;
  const mover move_;
  std::uint64_t seen_ = 0;      ///< commits at the look before
  std::uint64_t moved_ = 0;     ///< commits that are in the file with all before them
  timestamp told_at_ = no_time; ///< no_time: no trouble
};

} // namespace penstock::node
