#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/catalogue.hpp"
#include "core/error.hpp"
#include "core/id_generator.hpp"
#include "core/ip_network.hpp"
#include "core/queue_health.hpp"
#include "core/time.hpp"
#include "core/token_bucket.hpp"
#include "gateway/password_desk.hpp"
#include "gateway/queue_policy.hpp"
#include "gateway/token_directory.hpp"
#include "messages/job_kind.hpp"
#include "net/asio.hpp"
#include "net/http_client.hpp"
#include "net/sleeper.hpp"

namespace penstock::actors {
struct engine_handles;
}

namespace penstock::gateway {

struct gateway_config {
  std::string address = "127.0.0.1"; ///< an IP address
  std::uint16_t port = 8080;         ///< 0: any free one
  /// Where browsers and providers reach the node, without a slash at its end; empty: the address it listens on.
  std::string public_url;
  token_hash admin_token{};
  std::vector<access_token> tokens{};   ///< that are stored when it starts: it keeps up with them by itself
  std::vector<user_session> sessions{}; ///< the same of people
  duration session_lifetime = std::chrono::hours(12); ///< of people, from their sign-in
  password_cost passwords{};
  std::size_t max_body = 16 * 1024 * 1024;          ///< bytes
  std::size_t max_webhook_body = 200 * 1024 * 1024; ///< bytes of a delivery
  std::optional<token_rate> webhook_limit{};        ///< deliveries to each integration
  std::size_t max_connections = 1024;
  std::string tls_certificate{}, tls_key{}; ///< PEM files; both empty: plain HTTP
  std::vector<ip_network> trusted_proxies{};
  std::vector<std::string> cors_origins{}; ///< "*" alone: any
  std::optional<token_rate> rate_limit{};  ///< of requests, by token or address; nothing: no limit
  std::string node_name = "node";
  std::string version;
  duration answer_limit = std::chrono::seconds(10);                  ///< for each question to the engine
  std::map<std::string, queue_thresholds, std::less<>> thresholds{}; ///< by queue; others have the default ones
  queue_policies policies{};                                         ///< of queues that have one
  std::size_t stream_buffer = 1000;                                  ///< events that an event stream may fall behind
  duration stream_heartbeat = std::chrono::seconds(15);
  duration stop_grace = std::chrono::seconds(5); ///< for answers that are under way
};

/// What a gateway works with. All of it outlives the gateway, and the engine runs as long as the gateway serves.
struct gateway_parts {
  const actors::engine_handles* engine = nullptr;
  const connectors::catalogue* connectors = nullptr;
  const job_kind_catalogue* kinds = nullptr; ///< the connectors' and the engine's
  const wall_clock* clock = nullptr;
  id_generator* ids = nullptr; ///< for request ids
  net::sleeper* sleeper = nullptr;
  net::http_client* http = nullptr; ///< for the exchange of OAuth codes; does not retry by itself
  net::asio::any_io_executor executor;
};

/// The HTTP server of a node: REST, event streams, authorisation. Used by one thread, which is none of the executor's.
class gateway {
public:
  gateway(gateway_config config, gateway_parts parts);
  /// Stops if nobody did.
  ~gateway();

  /// Listens, and gives the port. `unavailable` when the address is taken, `bad_configuration` when it is none.
  [[nodiscard]] result<std::uint16_t> start();

  /// Reads the TLS files again, for connections to come. `bad_configuration`: those in use stay. Nothing without TLS.
  [[nodiscard]] result<void> reload_tls();

  /// Takes no more requests, ends event streams, lets answers that are under way end within the grace. Blocks. Must
  /// come before the engine is stopped.
  void stop();

private:
  struct inside;
  std::shared_ptr<inside> inside_;
};

} // namespace penstock::gateway
