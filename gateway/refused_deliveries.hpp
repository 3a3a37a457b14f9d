#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"

namespace penstock::gateway {

/// Webhook deliveries that were refused, until the log tells of them: nothing else shows that a provider sends to an address
/// that has ended, or signs with another key. Thread-safe.
class refused_deliveries {
public:
  /// At least so long between two lines about one service.
  static constexpr duration between = std::chrono::minutes(1);

  /// `service` is one that takes webhooks, so that there are few of them. `why` holds nothing that was sent.
  void note(const std::string& service, std::string_view remote_address, std::string_view why);

  /// What is to be told of one service by now.
  struct line {
    std::string service;
    std::int64_t count = 0; ///< since it was told last
    std::string network;    ///< of the latest
    std::string why;        ///< of the latest
  };
  [[nodiscard]] std::vector<line> take(timestamp now);

private:
  struct noted {
    std::int64_t count = 0;
    std::string network, why;
    timestamp told_at = no_time;
  };

  std::mutex mutex_;
  std::map<std::string, noted, std::less<>> by_service_; ///< guarded by mutex_
};

/// Writes those lines into the log. Called once a second.
void tell_refused(refused_deliveries& refused, timestamp now);

} // namespace penstock::gateway
