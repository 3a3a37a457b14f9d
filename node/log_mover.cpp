#include "node/log_mover.hpp"

#include <utility>

#include <spdlog/spdlog.h>

namespace penstock::node {
namespace {

constexpr duration trouble_pause = std::chrono::seconds(30);

} // namespace

log_mover::log_mover(const wall_clock& clock, gauge level, mover move)
    : clock_(clock), level_(std::move(level)), move_(std::move(move)) {}

bool log_mover::is_time(const storage::log_level& level) noexcept {
  const bool still = std::exchange(seen_, level.commits) == level.commits;
  return level.commits != moved_ && (still || level.bytes >= enough_bytes || told_at_ != no_time);
}

void log_mover::run() {
  const auto level = level_();
  if (!is_time(level))
    return;
  const auto moved = move_();
  const auto now = clock_.now();
  if (moved) {
    if (*moved == 0)
      moved_ = level.commits; // else somebody still reads what the file would lose: later
    if (std::exchange(told_at_, no_time) != no_time)
      spdlog::info("the database's log is moved into its file again");
  } else if (told_at_ == no_time || now - told_at_ >= trouble_pause || now < told_at_) {
    told_at_ = now;
    spdlog::warn("the database's log is not moved into its file, it is tried again each second: {}",
                 moved.error().message);
  }
}

} // namespace penstock::node
