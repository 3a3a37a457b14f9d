#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace penstock {

/// What a schedule does when jobs of an earlier firing have not ended. The numbers are stored: never change them.
enum class overlap_policy : std::uint8_t {
  skip = 0,           ///< this firing makes no jobs
  queue_one = 1,      ///< one firing waits for its turn, those beyond it are skipped
  queue_all = 2,      ///< each waits for its turn
  cancel_running = 3, ///< the earlier jobs are cancelled; the new ones begin when those have ended
  allow = 4           ///< they run beside each other
};

/// "skip", "queue_one", "queue_all", "cancel_running", "allow".
[[nodiscard]] std::string_view to_string(overlap_policy policy) noexcept;
[[nodiscard]] std::optional<overlap_policy> parse_overlap_policy(std::string_view name) noexcept;

enum class overlap_decision : std::uint8_t { fire, queue, skip, cancel_and_fire };

/// Firings of one schedule that may wait for their turn under queue_all. One beyond them is skipped.
inline constexpr std::size_t most_queued_firings = 1'000;

/// `open`: firings of which a job has not ended.
[[nodiscard]] overlap_decision decide_overlap(overlap_policy policy, std::size_t open) noexcept;

} // namespace penstock
