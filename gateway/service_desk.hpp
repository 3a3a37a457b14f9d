#pragma once

#include <functional>
#include <map>
#include <string>

#include "connectors/catalogue.hpp"
#include "core/id_generator.hpp"
#include "core/queue_health.hpp"
#include "core/time.hpp"
#include "gateway/authorisation_desk.hpp"
#include "gateway/node_port.hpp"
#include "gateway/password_desk.hpp"
#include "gateway/queue_policy.hpp"
#include "gateway/refused_deliveries.hpp"
#include "gateway/sign_in_limits.hpp"
#include "gateway/stream_places.hpp"
#include "gateway/token_directory.hpp"
#include "gateway/webhook_desk.hpp"
#include "messages/job_kind.hpp"
#include "net/http_client.hpp"
#include "net/sleeper.hpp"

namespace penstock::gateway {

/// What route handlers work with. One for a gateway; it outlives all calls. All of it may be used by many threads.
struct service_desk {
  node_port& port;
  const connectors::catalogue& connectors;
  const job_kind_catalogue& kinds;
  const wall_clock& clock;
  id_generator& ids;
  net::sleeper& sleeper;
  net::http_client& http; ///< does not retry by itself
  authorisation_desk authorisations;
  token_directory& tokens;
  password_desk& passwords;
  sign_in_limits& sign_ins;
  webhook_desk& webhooks;

  std::string public_url; ///< without a slash at its end
  duration session_lifetime = std::chrono::hours(12);
  std::string node_name;
  std::string version;
  timestamp started_at = no_time;
  std::map<std::string, queue_thresholds, std::less<>> thresholds{}; ///< by queue; others have the default ones
  queue_policies policies{};
  stream_places streams{};
  refused_deliveries refused{};
  std::size_t stream_buffer = 1000; ///< events that an event stream may fall behind
  duration stream_heartbeat = std::chrono::seconds(15);
};

} // namespace penstock::gateway
