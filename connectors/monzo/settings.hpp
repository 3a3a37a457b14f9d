#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "config/objection.hpp"
#include "config/section.hpp"
#include "config/setting.hpp"
#include "core/time.hpp"

namespace penstock::connectors::monzo {

/// Monzo gives 90 days of history to a token that is older than five minutes, measured as: 89 days work, 90 do not.
inline constexpr duration reachable_history = std::chrono::days{89};

/// [connectors.monzo], checked.
struct monzo_settings {
  std::string base_url; ///< without a slash at its end
  std::string auth_url;
  std::string client_id, client_secret;
  std::int64_t page_size = 100; ///< 1 ... 100, the most that Monzo gives
  /// How far before the newest stored transaction each run starts, so that changes are seen; up to reachable_history.
  duration look_back = std::chrono::days{14};
  /// Whether Monzo is told to send new transactions to this node.
  bool webhooks = true;
};

[[nodiscard]] std::vector<config::setting> declared_settings();
/// Else which keys hold no URL.
[[nodiscard]] tl::expected<monzo_settings, std::vector<config::objection>>
read_settings(const config::section& section);

} // namespace penstock::connectors::monzo
