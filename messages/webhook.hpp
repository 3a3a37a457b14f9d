#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/ids.hpp"
#include "core/integration_state.hpp"
#include "core/time.hpp"

/// Deliveries that providers send by themselves, and what the store keeps of them before they are jobs.
namespace penstock {

/// Where deliveries for one integration are taken: at an address that holds a secret.
struct webhook_address {
  integration_id integration{};
  std::string service;
  std::string signing_key; ///< with which the provider signs; empty: there is none
  timestamp created_at = no_time;
  // Of the integration.
  organisation_id organisation{};
  integration_status status = integration_status::idle;
};

/// The secret of an integration's address, and the key with which its deliveries are signed. What stood there before is
/// good for nothing from the commit on. `not_found` if there is no such integration.
struct set_webhook_secret {
  integration_id integration{};
  std::string hash;                         ///< of the secret: SHA-256 in 64 hexadecimal digits
  std::optional<std::string> signing_key{}; ///< kept encrypted; absent: as it was
};

/// A piece of a body that is too large for one unit of work, stored ahead under the id of the job that it will belong to
/// (job_request::staged). Pieces come in order;
/// `conflict` if those before it were swept.
struct stage_body {
  job_id job{};
  std::int64_t piece = 0; ///< from 0
  std::string bytes;      ///< at most `most_bytes`; not empty
  static constexpr std::size_t most_bytes = 1024 * 1024;
};

/// Stands in the unit that enqueues the job: what was staged is the job's now. `conflict` if nothing (any more) is.
struct take_staged_body {
  job_id job{};
};

/// The job will not be: what was staged for it goes.
struct drop_staged_body {
  job_id job{};
};

/// What was staged before a moment, and belongs to no job, goes: its sender or its node has died. At most `limit` chunks.
struct sweep_staged_bodies {
  timestamp before = no_time;
  std::int64_t limit = 100;
};

} // namespace penstock
