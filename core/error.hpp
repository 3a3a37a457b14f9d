#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

#include "core/time.hpp"

namespace penstock {

/// What went wrong. A code exists only where somebody reacts to it differently; the text says the rest.
enum class error_code : std::uint8_t {
  none,                 ///< success; never inside an `unexpected`
  network,              ///< no answer: name not resolved, connection refused, reset or dropped
  timed_out,            ///< no answer in time, or a handler past its timeout; also HTTP 408 and 425
  rate_limited,         ///< HTTP 429, or the local budget is empty
  provider_unavailable, ///< HTTP 5xx
  truncated_body,       ///< a body that ends early or does not parse
  unexpected_shape,     ///< a body that parses but is not what it should be
  requires_reauth,      ///< 401 after one refresh, a revoked or spent token, an ended consent
  forbidden,            ///< 403: the provider refuses what was asked
  not_found,            ///< an id that nobody knows
  invalid_argument,     ///< the caller asked for something impossible
  bad_configuration,    ///< settings or integration config that cannot work
  conflict,             ///< a precondition (row version, fence, state) no longer holds
  precondition_failed,  ///< the caller edits another version than the one that stands (If-Match)
  key_reused,           ///< an Idempotency-Key that stands for another request already
  storage_busy,         ///< the database is locked or its connection is lost: try again
  storage_full,         ///< no space left
  storage_failed,       ///< the database refuses the statement: a bug or corruption
  crashed,              ///< the process died three times while this job ran alone
  cancelled,            ///< a person or a parent cancelled it
  unavailable,          ///< this node cannot do it now: starting, stopping, draining, full
  internal,             ///< an exception that nobody expected
  code_count            ///< sentinel: keep it last
};

/// What to do after an error.
enum class error_class : std::uint8_t {
  retryable, ///< the same attempt may succeed later: back off and run again
  final,     ///< running again cannot help: fail at once
  postponed  ///< not an attempt at all: put back at no cost
};

/// The class that a code has unless a handler names another.
[[nodiscard]] error_class classify(error_code code) noexcept;

/// Stable lower-case name, as stored in tables and shown in JSON ("rate_limited").
[[nodiscard]] std::string_view to_string(error_code code) noexcept;
[[nodiscard]] std::string_view to_string(error_class value) noexcept;
[[nodiscard]] std::optional<error_code> parse_error_code(std::string_view name) noexcept;

/// An error on its way to whoever decides. `message` is one line for people and never holds a secret.
struct error {
  error_code code = error_code::internal;
  std::string message;
  /// The provider's wish, from `Retry-After`.
  std::optional<duration> retry_after{};
  /// A handler's own choice of class; without it the code decides.
  std::optional<error_class> named_class{};

  [[nodiscard]] error_class cls() const noexcept { return named_class ? *named_class : classify(code); }
};

/// A value or an error: the form of every fallible call at a seam.
template <class T>
using result = tl::expected<T, error>;

/// `return failure(error_code::not_found, "no integration 12");`
[[nodiscard]] inline tl::unexpected<error> failure(error_code code, std::string message) {
  return tl::unexpected<error>(error{code, std::move(message)});
}
[[nodiscard]] inline tl::unexpected<error> failure(error e) { return tl::unexpected<error>(std::move(e)); }

} // namespace penstock
