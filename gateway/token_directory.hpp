#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/time.hpp"
#include "gateway/caller.hpp"
#include "messages/access.hpp"
#include "messages/access_change.hpp"

namespace penstock::gateway {

using net::hash_token;
using net::to_hex;

/// The tokens that are good, also those of people's sessions, in memory: a request must not wait for the database to know who sent it. Thread-safe.
class token_directory {
public:
  /// `admin`: of the token in the data directory.
  explicit token_directory(token_hash admin) : admin_(admin) {}

  enum class outcome : std::uint8_t { known, unknown, expired };
  struct finding {
    outcome what = outcome::unknown;
    caller who{};
  };
  [[nodiscard]] finding find(std::string_view token, timestamp now) const;

  /// Whether what let this caller in still does: for those who stay long.
  [[nodiscard]] bool is_good(const caller& who, timestamp now) const;

  /// no_time: never, or nobody knows.
  [[nodiscard]] timestamp expiry_of(const caller& who) const;

  /// Call it before the tokens are read that `replace` is given: what was read before a later reading, or before one was
  /// added or removed here, is old and is passed over.
  [[nodiscard]] std::uint64_t begin_reading() noexcept { return ++last_reading_; }
  /// All that are stored. What is noted of their use and not taken yet stays.
  void replace(const std::vector<access_token>& tokens, const std::vector<user_session>& sessions,
               std::uint64_t reading);
  /// What was stored or removed this moment.
  void add(const access_token& token);
  /// How often sessions of this user were ended here so far.
  [[nodiscard]] std::uint64_t sessions_ended(user_id user) const;
  /// Passed over if sessions of its user were ended since `sessions_ended` said so: this one was among them, or the next
  /// reading tells of it.
  void add(const user_session& session, std::uint64_t known);
  void remove(token_id id);
  void remove_session(const token_hash& credential);
  /// The sessions of a user, but for one.
  void remove_of(user_id user, const token_hash& but);
  void remove_of(organisation_id organisation);

  /// Tokens that were used since the last time, each with the latest moment.
  [[nodiscard]] std::vector<note_token_uses::use> take_uses();

private:
  struct entry {
    caller who;
    timestamp expires_at = no_time;
    [[nodiscard]] bool has_expired(timestamp now) const noexcept { return expires_at != no_time && expires_at <= now; }
    std::atomic<std::int64_t> used_at{0}; ///< microseconds; 0: not since the last `take_uses`
  };
  struct hash_of_hash {
    /// Any eight bytes of a SHA-256 are as good as a hash of all.
    std::size_t operator()(const token_hash& hash) const noexcept;
  };

  using entries = std::unordered_map<token_hash, std::unique_ptr<entry>, hash_of_hash>;
  static void put(entries& into, const access_token& token);
  static void put(entries& into, const user_session& session);
  template <class Condition>
  void remove_if(Condition condition);

  const token_hash admin_;
  std::atomic<std::uint64_t> last_reading_{0};
  mutable std::shared_mutex mutex_;
  std::unordered_map<user_id, std::uint64_t> ended_; ///< users are few, and few of them are edited
  std::uint64_t applied_ = 0;                        ///< the reading that stands, or that a change here made old
  entries entries_;
};

} // namespace penstock::gateway
