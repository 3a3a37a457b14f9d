#pragma once

#include <cstdint>

#include "core/error.hpp"
#include "core/time.hpp"

namespace penstock {

/// N calls per interval, saved up to a capacity: limits queues and the budgets of provider credentials.
struct token_rate {
  std::int64_t capacity = 1;                   ///< tokens that a full bucket holds: the largest burst, 1 to 1,000,000
  std::int64_t refill = 1;                     ///< tokens that come evenly spread over each interval, 1 to 1,000,000
  duration interval = std::chrono::seconds{1}; ///< 1 ms to 31 days

  friend bool operator==(const token_rate&, const token_rate&) = default;
};

/// `bad_configuration` that names the number out of range.
[[nodiscard]] result<void> validate(const token_rate& rate);

/// A bucket of tokens, counted exactly in whole numbers. Time is told to it; when the clock steps back it gives nothing
/// and takes nothing: a step of up to ten seconds is waited out, after a longer one it goes on from there. For one
/// thread.
class token_bucket {
public:
  /// Everything that another process needs to go on with the bucket; stored for budgets that nodes share.
  struct snapshot {
    std::int64_t parts = 0; ///< a token is as many parts as its interval has microseconds
    timestamp updated_at = no_time;
    timestamp blocked_until = no_time;
    friend bool operator==(const snapshot&, const snapshot&) = default;
  };

  /// A full bucket. `rate` must be valid.
  token_bucket(const token_rate& rate, timestamp now) noexcept;
  token_bucket(const token_rate& rate, const snapshot& state) noexcept;

  /// Takes n tokens, or none and says no. More than the capacity are never given.
  [[nodiscard]] bool try_take(std::int64_t n, timestamp now) noexcept;

  /// Takes n tokens that were given away elsewhere or in advance, below zero if need be, at most a bucket full of debt.
  void spend(std::int64_t n, timestamp now) noexcept;

  /// How long until `try_take(n)` says yes, if nobody takes meanwhile; zero when it would now, `duration::max()` when
  /// it never will.
  [[nodiscard]] duration time_until(std::int64_t n, timestamp now) const noexcept;

  /// Nothing is given before `until`, as a 429 asks. A later block stands, an earlier one does not shorten it.
  void block_until(timestamp until, timestamp now) noexcept;

  /// Whole tokens to take now; 0 while blocked.
  [[nodiscard]] std::int64_t available(timestamp now) const noexcept;

  /// The provider says that fewer are left than we thought: at most n.
  void lower_to(std::int64_t n, timestamp now) noexcept;

  [[nodiscard]] const snapshot& state() const noexcept { return state_; }
  [[nodiscard]] const token_rate& rate() const noexcept { return rate_; }

private:
  void refill(timestamp now) noexcept;
  [[nodiscard]] std::int64_t full() const noexcept { return rate_.capacity * token(); }
  [[nodiscard]] std::int64_t token() const noexcept { return rate_.interval.count(); }

  token_rate rate_;
  snapshot state_;
};

} // namespace penstock
