#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/time.hpp"

namespace penstock {

/// "every N s|m|h": fires at the multiples of its length since the Unix epoch, in UTC. So all nodes agree on the times,
/// and a restart changes nothing.
class interval {
public:
  static constexpr duration longest = std::chrono::days{366};

  /// Reads "every 30 s", "every 5m", "every 1 h"; else, or when N is 0 or longer than 366 days, `invalid_argument`.
  [[nodiscard]] static result<interval> parse(std::string_view text);

  /// The first firing strictly after a moment; nothing at the end of representable time.
  [[nodiscard]] std::optional<timestamp> next(timestamp after) const noexcept;

  [[nodiscard]] duration length() const noexcept { return std::chrono::seconds{count_ * unit_seconds()}; }

  /// "every 30 s".
  [[nodiscard]] std::string text() const;

  friend bool operator==(const interval&, const interval&) = default;

private:
  interval(std::int64_t count, char unit) noexcept : count_(count), unit_(unit) {}
  [[nodiscard]] std::int64_t unit_seconds() const noexcept { return unit_ == 's' ? 1 : unit_ == 'm' ? 60 : 3600; }

  std::int64_t count_;
  char unit_; ///< 's', 'm' or 'h'
};

} // namespace penstock
