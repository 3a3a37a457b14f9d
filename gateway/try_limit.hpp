#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

#include "core/time.hpp"

namespace penstock::gateway {

/// How often somebody may guess: a few times at will, then after pauses that double from a second to a quarter of an hour.
/// By key, such as a name or an address. Failures are forgotten one by one. In memory: a restart forgets all. Thread-safe.
class try_limit {
public:
  static constexpr duration longest_pause = std::chrono::minutes(15);
  /// Keys that are remembered. Beyond, those that failed longest ago are forgotten.
  static constexpr std::size_t most = 10'000;

  /// So many failures are free; one of them is forgotten after each `forget_one_after`.
  try_limit(int at_will, duration forget_one_after) : at_will_(at_will), forget_one_after_(forget_one_after) {}

  /// What stood against a key before a try.
  struct failures {
    int count = 0;
    timestamp last = no_time; ///< when the last one was, or one was forgotten
  };
  struct admission {
    duration wait{0}; ///< 0: go on, and the try counts as a failure until it is called off. Else nothing is counted
    failures before{};
  };
  [[nodiscard]] admission begin(const std::string& key, timestamp now);
  /// The try was none that counts: all is as if it had not been.
  void call_off(const std::string& key, const admission& tried);
  /// Whoever it was knew it: nothing is held against the key any more.
  void clear(const std::string& key);

private:
  void forget(failures& of, timestamp now) const;
  [[nodiscard]] timestamp free_at(const failures& of) const;
  void make_room(timestamp now);

  const int at_will_;
  const duration forget_one_after_;
  std::mutex mutex_;
  std::unordered_map<std::string, failures> by_key_;
};

} // namespace penstock::gateway
