#pragma once

#include <cstdint>
#include <string>

#include "core/ids.hpp"
#include "core/time.hpp"

namespace penstock {

/// An event as its cause writes it; the store gives it id, time and position in the cause's own transaction.
struct event_draft {
  std::string type;    ///< "integration.updated", past tense after the dot
  std::string subject; ///< what it is about: "integrations/123"
  std::string data = "{}"; ///< a JSON object
  integration_id integration{};
  organisation_id organisation{};
};

/// An event as subscribers see it. CloudEvents 1.0 names the fields.
struct event {
  event_id id{};
  /// Place in the order of publication, from 1. Live-only events (job.started, job.progress, job.completed) have none: 0.
  std::int64_t position = 0;
  std::string type, source, subject;
  timestamp time = no_time;
  std::string data = "{}";
  integration_id integration{};
  organisation_id organisation{};
};

} // namespace penstock
