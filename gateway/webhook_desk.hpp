#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/time.hpp"
#include "core/token_bucket.hpp"
#include "gateway/caller.hpp"
#include "messages/webhook.hpp"

namespace penstock::gateway {

/// What a gateway knows of webhooks between two deliveries: addresses that were looked up lately, who sent wrong secrets,
/// and bodies that nobody will end. All of it is bounded. Thread-safe.
class webhook_desk {
public:
  /// An address that was looked up is known for so long: what another node changed holds here after it.
  static constexpr duration known_for = std::chrono::seconds(5);
  /// Wrong secrets that one address may send: so many at once, and so many a minute.
  static constexpr std::int64_t wrong_secrets = 20;

  /// `limit`: of deliveries to each integration; nullopt: none.
  explicit webhook_desk(std::optional<token_rate> limit) : limit_(limit) {}

  using address = std::shared_ptr<const webhook_address>;
  /// Null: not known (any more).
  [[nodiscard]] address find(const token_hash& secret, timestamp now);
  /// Call it before the store is asked for what `keep` is given.
  [[nodiscard]] std::uint64_t begin_reading();
  /// Passed over if something changed here since that reading began.
  void keep(const token_hash& secret, address found, std::uint64_t reading, timestamp now);
  /// Something changed: all is looked up again.
  void forget_all();

  /// Notes a wrong secret from there: how long the sender must wait, if it sent too many.
  [[nodiscard]] std::optional<duration> note_wrong_secret(const std::string& remote_address, timestamp now);
  /// Takes one delivery of the integration's limit: how long to wait, if it has none left.
  [[nodiscard]] std::optional<duration> spend(integration_id id, timestamp now);

  /// The sender of this job's body has gone: what was staged of it is to go.
  void abandon(job_id staged);
  [[nodiscard]] std::vector<job_id> take_abandoned();

private:
  struct known {
    address value;
    timestamp until = no_time;
  };
  struct hash_of_hash {
    std::size_t operator()(const token_hash& hash) const noexcept;
  };
  static constexpr std::size_t most_known = 10'000;

  template <class Key>
  using buckets = std::unordered_map<Key, token_bucket>;
  template <class Key>
  static std::optional<duration> take_one(buckets<Key>& from, const Key& key, const token_rate& rate, timestamp now);

  const std::optional<token_rate> limit_;
  std::mutex mutex_;
  std::uint64_t changes_ = 0;
  std::unordered_map<token_hash, known, hash_of_hash> known_;
  buckets<std::string> wrong_;
  buckets<std::int64_t> spent_;
  std::vector<job_id> abandoned_;
};

} // namespace penstock::gateway
