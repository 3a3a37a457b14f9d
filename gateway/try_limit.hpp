#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

#include "core/time.hpp"

namespace penstock::gateway {

/// How often somebody may guess: a few times at will, then after pauses that double from a second to a quarter of an hour.
/// By key, such as a name or an address. In memory: a restart forgets. Thread-safe.
class try_limit {
public:
  static constexpr duration longest_pause = std::chrono::minutes(15);
  /// After this long without a failure a key is as good as new.
  static constexpr duration memory = std::chrono::hours(1);
  /// Keys that are remembered. Beyond, those that failed longest ago are forgotten.
  static constexpr std::size_t most = 10'000;

  explicit try_limit(int at_will) : at_will_(at_will) {}

  /// 0: go on, and the try counts as a failure until it is called off. Else how long to wait; nothing is counted.
  [[nodiscard]] duration begin(const std::string& key, timestamp now);
  /// The try that was begun last was none that counts.
  void call_off(const std::string& key);
  /// Whoever it was knew it: nothing is held against the key any more.
  void clear(const std::string& key);

private:
  struct failures {
    int count = 0;
    timestamp last = no_time;
  };
  [[nodiscard]] timestamp free_at(const failures& of) const;
  void make_room(timestamp now);

  const int at_will_;
  std::mutex mutex_;
  std::unordered_map<std::string, failures> by_key_;
};

} // namespace penstock::gateway
