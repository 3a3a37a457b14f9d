#include "node/log_mover.hpp"

#include <utility>

#include <spdlog/spdlog.h>

namespace penstock::node {
namespace {

constexpr duration trouble_pause = std::chrono::seconds(30);

} // namespace

log_mover::log_mover(const wall_clock& clock, mover move) : clock_(clock), move_(std::move(move)) {}

void log_mover::run() {
  const auto moved = move_();
  const auto now = clock_.now();
  if (moved) {
    if (std::exchange(told_at_, no_time) != no_time)
      spdlog::info("the database's log is moved into its file again");
  } else if (told_at_ == no_time || now - told_at_ >= trouble_pause || now < told_at_) {
    told_at_ = now;
    spdlog::warn("the database's log is not moved into its file, it is tried again each second: {}",
                 moved.error().message);
  }
}

} // namespace penstock::node
