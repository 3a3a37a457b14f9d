#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/time.hpp"

namespace penstock::net {

/// One failure, as Sentry is told of it. Its texts hold no secrets: whoever makes them leaves those out.
struct sentry_report {
  timestamp time = no_time;
  std::string level = "error"; ///< "error" or "fatal"
  std::string type;            ///< of the exception: a stable word
  std::string value;           ///< of the exception: one line for people
  std::vector<std::pair<std::string, std::string>> tags{};
  std::vector<std::string> fingerprint{}; ///< reports with the same one are one issue
};

/// Who reports.
struct sentry_sender {
  std::string environment, release, server_name;
  std::string version; ///< of this program, as the SDK's
};

/// The body of a request to the envelope endpoint (application/x-sentry-envelope): a line for the envelope, one for its
/// only item, and the event. `event_id`: 32 hexadecimal digits. Well below Sentry's limit for an event (1 MB) whatever
/// the report holds: long texts are cut.
[[nodiscard]] std::string make_sentry_envelope(const sentry_report& report, const sentry_sender& sender,
                                               std::string_view event_id, timestamp sent_at);

} // namespace penstock::net
