#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/time.hpp"
#include "sandbox/oauth_token.hpp"
#include "sandbox/sandbox_time.hpp"

namespace penstock::sandbox {

struct oauth_settings {
  std::uint64_t seed = 1;
  /// Both empty: every client is taken, and its secret is the first that it shows.
  std::string client_id{};
  std::string client_secret{};
  duration token_lifetime = std::chrono::hours(6);
  duration code_lifetime = std::chrono::minutes(10);
  /// From consent until the person approves in the provider's app; a token has no rights before that.
  duration approval_delay{0};
  std::uint32_t users = 0; ///< 0: as many as consent
};

/// What the token endpoint gives.
struct issued_tokens {
  std::string access_token, refresh_token, client_id;
  std::uint32_t user = 0;
  duration expires_in{0};
};

/// Why it gives nothing.
enum class refusal : std::uint8_t {
  wrong_client,
  unknown_code,
  expired_code,
  unknown_refresh_token,
  evicted_refresh_token
};

enum class access : std::uint8_t { good, not_approved, unknown, expired, evicted };

/// Who stands behind an access token.
struct bearer {
  access state = access::unknown;
  std::uint32_t user = 0;
  std::string client_id{};
  timestamp approved_at = no_time;
};

/// The rules of an OAuth 2 provider like Monzo: codes and refresh tokens are good once, a user has one access token for
/// each client, and a new one evicts it. Users are numbers from 1. No HTTP; for one thread.
class oauth_provider {
public:
  /// `time` must outlive this.
  oauth_provider(oauth_settings settings, const sandbox_time& time) : settings_(std::move(settings)), time_(time) {}

  /// The person consents. Without `user` it is the first who has no connection to this client (never had, or lost it):
  /// each integration of a demo gets a user of its own, and one that consents again gets its own back. When all of
  /// `settings.users` have one, it is whose consent is oldest.
  [[nodiscard]] std::string give_code(const std::string& client_id, const std::string& redirect_uri,
                                      std::optional<std::uint32_t> user);

  using answer = std::pair<std::optional<issued_tokens>, refusal>;
  [[nodiscard]] answer exchange_code(const std::string& client_id, const std::string& secret,
                                     const std::string& redirect_uri, const std::string& code);
  [[nodiscard]] answer refresh(const std::string& client_id, const std::string& secret, std::string_view token);
  /// For the client itself: nobody consents, and there is no refresh token. Each is a connection of its own, so that one
  /// client's tokens do not evict each other.
  [[nodiscard]] answer grant_to_client(const std::string& client_id, const std::string& secret);

  /// Judges an access token. One of before a restart is known again.
  [[nodiscard]] bearer check(std::string_view token);

  /// Access tokens of now are expired; refreshing helps. Returns how many.
  std::size_t expire_tokens(std::optional<std::uint32_t> user = {});
  /// Connections end: neither token is good any more, only a new consent helps. Returns how many.
  std::size_t revoke(std::optional<std::uint32_t> user = {});
  /// The person approves in the app now.
  std::size_t approve(std::optional<std::uint32_t> user = {});

  /// Users who have had a connection, in order.
  [[nodiscard]] std::vector<std::uint32_t> users() const;
  [[nodiscard]] const oauth_settings& settings() const noexcept { return settings_; }

  struct counters {
    std::uint64_t consents = 0, codes_exchanged = 0, refreshes = 0, client_grants = 0, refused = 0;
  };
  [[nodiscard]] const counters& counts() const noexcept { return counts_; }

private:
  struct grant {
    std::uint64_t generation = 0; ///< 0: consented, but no code was exchanged
    timestamp issued_at = no_time;
    timestamp approved_at = no_time;
    timestamp consented_at = no_time;
    bool live = false;
    bool expired = false;
    bool approved_by_hand = false;
  };
  struct code {
    std::string client_id, redirect_uri;
    std::uint32_t user = 0;
    timestamp expires_at = no_time;
    timestamp consented_at = no_time;
  };
  using grant_key = std::pair<std::string, std::uint32_t>;

  [[nodiscard]] std::uint32_t choose_user(const std::string& client_id) const;
  [[nodiscard]] bool is_client(const std::string& client_id, const std::string& secret);
  [[nodiscard]] issued_tokens issue(const grant_key& key, grant& held);
  /// The grant of a token, also one that only the token tells of. Null: nobody's token.
  grant* grant_of(const oauth_token& token);
  [[nodiscard]] static bool is_current(const grant& held, const oauth_token& token);
  answer refuse(refusal why);

  const oauth_settings settings_;
  const sandbox_time& time_;
  std::map<std::string, code, std::less<>> codes_;
  std::map<grant_key, grant> grants_;
  std::map<std::string, std::string, std::less<>> secrets_; ///< by client
  counters counts_;
};

} // namespace penstock::sandbox
