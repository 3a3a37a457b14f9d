#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/error.hpp"
#include "core/random.hpp"
#include "core/time.hpp"

namespace penstock {

/// How long a job waits before each retry. A value: copied with the job, stored as text, compared in tests.
///
/// Text forms, each with an optional " jitter F" (0 < F <= 1) at the end:
///   `list 1m 5m 10m`              one delay a retry, the last one repeats
///   `fixed 1m`                    always the same
///   `exponential 500ms x2 cap 10s`  base, then times the factor each time, at most the cap
/// Jitter F draws evenly from [delay x (1 - F), delay]: never longer than what is written.
class backoff_policy {
public:
  static constexpr std::size_t max_list = 32;

  /// One minute, always.
  backoff_policy() : backoff_policy(fixed_delay{std::chrono::minutes{1}}) {}

  /// Unchecked makers for constants in code; whatever comes from outside goes through `parse`.
  [[nodiscard]] static backoff_policy list(std::vector<duration> delays);
  [[nodiscard]] static backoff_policy fixed(duration delay);
  [[nodiscard]] static backoff_policy exponential(duration base, double factor, duration cap);
  [[nodiscard]] backoff_policy with_jitter(double fraction) const;

  /// Reads a text form; else `bad_configuration` with what is wrong. Delays are 0 to 30 days, lists have 1 to 32
  /// entries, factors are 1 to 100, a cap is not below its base.
  [[nodiscard]] static result<backoff_policy> parse(std::string_view text);

  /// The wait before a retry; 1 is the first one, lower numbers count as 1.
  [[nodiscard]] duration delay_before(int retry_number, random_source& random) const;

  friend std::string to_string(const backoff_policy& policy);
  friend bool operator==(const backoff_policy&, const backoff_policy&) = default;

private:
  struct delay_list {
    std::vector<duration> delays;
    friend bool operator==(const delay_list&, const delay_list&) = default;
  };
  struct fixed_delay {
    duration delay;
    friend bool operator==(const fixed_delay&, const fixed_delay&) = default;
  };
  struct exponential_delay {
    duration base;
    double factor;
    duration cap;
    friend bool operator==(const exponential_delay&, const exponential_delay&) = default;
  };
  using form = std::variant<delay_list, fixed_delay, exponential_delay>;

  explicit backoff_policy(form f) : form_(std::move(f)) {}
  [[nodiscard]] duration full_delay(int retry_number) const;

  form form_;
  double jitter_ = 0;
};

[[nodiscard]] std::string to_string(const backoff_policy& policy);

/// The policy's delay, or the provider's `Retry-After` where that is longer.
[[nodiscard]] duration effective_delay(const backoff_policy& policy, int retry_number,
                                       std::optional<duration> retry_after, random_source& random);

} // namespace penstock
