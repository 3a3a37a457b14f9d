#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "core/time.hpp"
#include "core/token_bucket.hpp"
#include "gateway/caller.hpp"

namespace penstock::gateway {

/// How one who sends requests stands with their limit.
struct limit_standing {
  bool admitted = true;
  std::int64_t limit = 0;     ///< at once
  std::int64_t remaining = 0; ///< of them now
  duration until_full{};      ///< if nothing is sent
  duration retry_after{};     ///< until one more is admitted; zero where it is
};

/// Buckets by key, at most as many as were said: then the one that was used least lately goes, and its owner begins anew.
/// Thread-safe; keys are spread over several locks.
class keyed_buckets {
public:
  using key = std::array<std::uint64_t, 2>;

  keyed_buckets(token_rate rate, std::size_t most) : rate_(rate), most_each_(most / shard_count) {}

  /// Takes one token, if there is one.
  limit_standing take(const key& of, timestamp now) { return look(of, now, 1); }
  /// Takes none.
  limit_standing peek(const key& of, timestamp now) { return look(of, now, 0); }
  [[nodiscard]] std::size_t size() const;

private:
  static constexpr std::size_t shard_count = 16;

  struct entry {
    key of{};
    token_bucket bucket;
  };
  struct hash {
    std::size_t operator()(const key& of) const noexcept;
  };
  struct shard {
    mutable std::mutex mutex;
    std::list<entry> by_use; ///< guarded by mutex; the one used last stands first
    std::unordered_map<key, std::list<entry>::iterator, hash> entries; ///< guarded by mutex
  };

  limit_standing look(const key& of, timestamp now, std::int64_t taken);

  const token_rate rate_;
  const std::size_t most_each_;
  std::array<shard, shard_count> shards_{};
};

/// How many requests whoever sends them may send: by token, and by address where there is none. IPv6 addresses count by their
/// first 64 bits, which one customer has to himself. Thread-safe.
class request_limits {
public:
  /// `each` unset: requests are not limited, refused tokens are.
  explicit request_limits(std::optional<token_rate> each, token_rate refusals = default_refusals());

  /// Of refused tokens from one address: 30 at once, 30 in a minute.
  [[nodiscard]] static token_rate default_refusals() noexcept { return {30, 30, std::chrono::minutes(1)}; }

  /// Nothing where requests are not limited. With `takes` false it only looks.
  [[nodiscard]] std::optional<limit_standing> ask(const caller& who, std::string_view address, timestamp now,
                                                  bool takes);

  /// Notes a token that was refused; how long its address must wait for another one, zero: it need not.
  [[nodiscard]] duration note_refusal(std::string_view address, timestamp now);

private:
  std::optional<keyed_buckets> requests_;
  keyed_buckets refusals_;
};

} // namespace penstock::gateway
