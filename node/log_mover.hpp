#pragma once

#include <cstdint>
#include <functional>

#include "core/error.hpp"
#include "core/time.hpp"

namespace penstock::node {

/// Moves the database's log into its file, and says so where it cannot: at once, then every half minute, then that it
/// can again. Not thread-safe.
class log_mover {
public:
  using mover = std::function<result<std::int64_t>()>; ///< storage::database::checkpoint

  /// `clock` outlives the mover.
  log_mover(const wall_clock& clock, mover move);

  void run();

private:
  const wall_clock& clock_;
  const mover move_;
  timestamp told_at_ = no_time; ///< no_time: no trouble
};

} // namespace penstock::node
