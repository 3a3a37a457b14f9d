#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/time.hpp"

namespace penstock::connectors::monzo {

/// The cursor of the stream `webhooks`: what the last look at Monzo's list of addresses left. No secret is in it.
struct webhook_state {
  timestamp checked_at = no_time;
  std::vector<std::string> accounts; ///< that were looked at, in order
  std::string off;                   ///< why none come; empty: they do
  bool unfinished = false;           ///< an outage broke the look off: `accounts` are all that may have an address
};

inline constexpr std::string_view webhook_stream = "webhooks";
/// Addresses that people change at Monzo are seen after this long; polls find what is missed meanwhile.
inline constexpr duration webhook_check = std::chrono::days{1};
/// After a look that an outage broke off.
inline constexpr duration webhook_retry = std::chrono::hours{1};

[[nodiscard]] std::string to_text(const webhook_state& state);
/// Of a cursor that is empty or not ours: nothing is known.
[[nodiscard]] webhook_state parse_webhook_state(std::string_view cursor);

/// Whether Monzo's list is to be looked at: nothing is known, a day has passed (or the clock went back), or other accounts
/// are open now. After an outage: an hour has passed. `open` is in order.
[[nodiscard]] bool webhook_check_is_due(const webhook_state& last, const std::vector<std::string>& open, timestamp now);

} // namespace penstock::connectors::monzo
