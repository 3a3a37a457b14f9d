#pragma once

#include "core/time.hpp"
#include "net/http_message.hpp"

namespace penstock::net {

/// How long Sentry wants no reports, by what it answers: `X-Sentry-Rate-Limits` ("60:error;default:organization, …"), which
/// may come with a good answer too, else `Retry-After` of a 429, else a minute after a 429 that names no time. A limit
/// holds for us if it is of the category `error` or of all. Not thread-safe.
class sentry_limit {
public:
  void note(const http_response& answer, timestamp now);

  /// `no_time`: nothing was ever limited.
  [[nodiscard]] timestamp until() const noexcept { return until_; }
  [[nodiscard]] bool holds(timestamp now) const noexcept { return now < until_; }

private:
  timestamp until_ = no_time;
};

} // namespace penstock::net
