#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "core/ids.hpp"
#include "core/time.hpp"

namespace penstock::gateway {

/// Consents on their way: one-time links that were given out, and browsers that were sent to a provider and have not
/// come back. In memory only: after a restart people ask for a new link, and other nodes know of none. Thread-safe.
class authorisation_desk {
public:
  static constexpr duration lifetime = std::chrono::minutes(10);
  /// Of links, and of states; where there are more, the oldest make room.
  static constexpr std::size_t most = 1000;

  struct target {
    std::string service;
    integration_id integration{};
    std::string pkce_verifier{}; ///< of a state whose provider takes one
    std::string session{}; ///< of a state: by whose session it was begun, as the store knows that; empty: by a link
    friend bool operator==(const target&, const target&) = default;
  };
  struct link {
    std::string code;
    timestamp expires_at = no_time;
  };

  [[nodiscard]] link make_link(std::string service, integration_id integration, timestamp now);
  /// Spends a link. Nothing when it is unknown, spent, too old, or another's.
  [[nodiscard]] std::optional<target> spend_link(const std::string& code, const target& expected, timestamp now);

  /// The `state` to send to the provider with a browser (RFC 6749, 10.12).
  [[nodiscard]] std::string open_state(target what, timestamp now);
  /// Spends the state with which a browser comes back. Nothing when it is unknown, spent, too old, or of another
  /// service.
  [[nodiscard]] std::optional<target> spend_state(const std::string& state, std::string_view service, timestamp now);

private:
  struct entry {
    target what;
    timestamp made_at;
  };
  /// Codes of 256 random bits: who does not know one cannot find it by trying.
  using entries = std::map<std::string, entry, std::less<>>;

  static std::string add(entries& where, target what, timestamp now);
  static std::optional<target> take(entries& where, const std::string& code, timestamp now);

  std::mutex mutex_;
  entries links_, states_;
};

} // namespace penstock::gateway
