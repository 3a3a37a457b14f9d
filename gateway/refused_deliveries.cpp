#include "gateway/refused_deliveries.hpp"

#include <spdlog/spdlog.h>

#include "gateway/sign_in_limits.hpp"

namespace penstock::gateway {

void refused_deliveries::note(const std::string& service, std::string_view remote_address, std::string_view why) {
  auto network = network_of(remote_address);
  const std::scoped_lock lock(mutex_);
  auto& about = by_service_[service];
  ++about.count;
  about.network = std::move(network);
  about.why = why;
}

std::vector<refused_deliveries::line> refused_deliveries::take(timestamp now) {
  std::vector<line> lines;
  const std::scoped_lock lock(mutex_);
  for (auto& [service, about] : by_service_) {
    // A clock that stepped back must not silence it.
    const bool just_told = about.told_at != no_time && now >= about.told_at && now - about.told_at < between;
    if (about.count == 0 || just_told)
      continue;
    lines.push_back({service, about.count, about.network, about.why});
    about.count = 0;
    about.told_at = now;
  }
  return lines;
}

void tell_refused(refused_deliveries& refused, timestamp now) {
  for (const auto& each : refused.take(now))
    spdlog::warn("{} {} of '{}' {} refused; the last came from {}: {}", each.count,
                 each.count == 1 ? "webhook delivery" : "webhook deliveries", each.service,
                 each.count == 1 ? "was" : "were", each.network.empty() ? "nowhere" : each.network, each.why);
}

} // namespace penstock::gateway
