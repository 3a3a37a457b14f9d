#include "gateway/gateway.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include "gateway/api_tables.hpp"
#include "gateway/router.hpp"
#include "gateway/service_desk.hpp"
#include "gateway/webhook_intake.hpp"
#include "net/http_server.hpp"
#include "net/strand.hpp"

namespace penstock::gateway {
namespace {

/// A browser must not guess what an answer is, nor tell other sites where it was; and once it has spoken TLS with a node, it
/// keeps to it (RFC 6797).
std::string fields_of_every_reply(bool tls) {
  std::string fields = "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n";
  if (tls)
    fields += "Strict-Transport-Security: max-age=31536000\r\n";
  return fields;
}

edge_rules rules_of(const gateway_config& config) {
  return {.proxies = trusted_proxies(config.trusted_proxies),
          .cors = cors_policy(config.cors_origins),
          .limits = std::make_shared<request_limits>(config.rate_limit)};
}

net::http_server_config server_config(const gateway_config& config, const wall_clock* clock) {
  net::http_server_config server;
  server.address = config.address;
  server.port = config.port;
  server.max_body = config.max_body;
  server.max_connections = config.max_connections;
  server.tls_certificate = config.tls_certificate;
  server.tls_key = config.tls_key;
  server.always = fields_of_every_reply(!config.tls_certificate.empty());
  server.clock = clock;
  server.on_exception = [](std::string_view what) { spdlog::error("a request ended in an exception: {}", what); };
  return server;
}

/// The address that a browser on this machine can open.
std::string local_url(std::string address, std::uint16_t port, bool tls) {
  if (address == "0.0.0.0" || address == "::")
    address = "127.0.0.1";
  const bool is_ipv6 = address.find(':') != std::string::npos;
  return (tls ? "https://" : "http://") + (is_ipv6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

/// How soon a token that another node made or revoked is so here too.
constexpr duration between_token_reads = std::chrono::seconds(5);
constexpr int reads_between_use_notes = 12;

service_desk furnish(node_port& port, token_directory& tokens, password_desk& passwords, sign_in_limits& sign_ins,
                     webhook_desk& webhooks, const gateway_config& config, const gateway_parts& parts) {
  return {.port = port,
          .connectors = *parts.connectors,
          .kinds = *parts.kinds,
          .clock = *parts.clock,
          .ids = *parts.ids,
          .sleeper = *parts.sleeper,
          .http = *parts.http,
          .authorisations = {},
          .tokens = tokens,
          .passwords = passwords,
          .sign_ins = sign_ins,
          .webhooks = webhooks,
          .public_url = config.public_url,
          .session_lifetime = config.session_lifetime,
          .node_name = config.node_name,
          .version = config.version,
          .started_at = parts.clock->now(),
          .thresholds = config.thresholds,
          .policies = config.policies,
          .streams = stream_places(std::max<std::size_t>(config.max_connections / 2, 1)),
          .stream_buffer = config.stream_buffer,
          .stream_heartbeat = config.stream_heartbeat};
}

} // namespace

/// Handlers hold it, so that one which is cut off late still finds everything in place.
struct gateway::inside : std::enable_shared_from_this<inside> {
  inside(gateway_config with, gateway_parts of)
      : config(std::move(with)), parts(std::move(of)), port(*parts.engine, config.answer_limit),
        tokens(config.admin_token), passwords(config.passwords), webhooks(config.webhook_limit),
        desk(furnish(port, tokens, passwords, sign_ins, webhooks, config, parts)),
        routes(desk, access_policy(tokens, *parts.clock, desk.public_url), api_tables(), rules_of(config)),
        strand(net::make_strand_on(parts.executor)) {
    tokens.replace(config.tokens, config.sessions, tokens.begin_reading());
  }

  result<std::uint16_t> start() {
    if (desk.public_url.empty() && config.port != 0)
      desk.public_url = local_url(config.address, config.port, !config.tls_certificate.empty());
    auto handler = [self = shared_from_this()](net::http_server_request request) {
      return self->routes.handle(std::move(request));
    };
    auto with = server_config(config, parts.clock);
    with.refuse_early = [self = shared_from_this()](const net::http_server_request& head) {
      return self->routes.refuse_early(head);
    };
    with.body_limit = [most = config.max_body, of_webhook = config.max_webhook_body](std::string_view method,
                                                                                     std::string_view target) {
      return method == "POST" && target.starts_with("/webhooks/") ? of_webhook : most;
    };
    with.spool = [self = shared_from_this()](net::http_server_request head) {
      self->routes.know_client(head);
      return spool_delivery(self->desk, std::move(head));
    };
    // Units of work are stored in the order in which they are handed to the store, but for large ones, which wait apart.
    // So a client that sends one job behind the other shares commits as one with many connections does.
    with.overlaps = [](const net::http_server_request& request) {
      constexpr std::size_t small_body = 16 * 1024;
      const auto& target = request.target;
      return request.method == "POST" && (target == "/api/v1/executions" || target.starts_with("/webhooks/")) &&
             request.body.size() <= small_body && !request.spool;
    };
    with.complete_own = [self = shared_from_this()](const net::http_headers& of_request, net::http_reply& reply) {
      self->routes.complete(of_request, reply);
    };
    server = std::make_unique<net::http_server>(parts.executor, std::move(with), std::move(handler));
    auto listening = server->start();
    if (!listening)
      return listening;
    if (desk.public_url.empty())
      desk.public_url = local_url(config.address, *listening,
                                  !config.tls_certificate.empty()); // nobody knows the port before it is returned
    net::asio::co_spawn(
      strand, [self = shared_from_this()] { return self->watch_both(); },
      net::asio::bind_cancellation_slot(watch_end.slot(), [self = shared_from_this()](const std::exception_ptr&) {
        self->watch_ended.set_value(); // cancelled, which comes as an exception
      }));
    watching = true;
    return listening;
  }

  net::asio::awaitable<void> watch_both() {
    using namespace net::asio::experimental::awaitable_operators;
    co_await (watch() && keep_up_with_tokens() && clear_webhooks());
  }

  /// Ends questions to the engine that nobody answers. It asks none itself: nobody would end that.
  net::asio::awaitable<void> watch() {
    while (!stopping) {
      co_await parts.sleeper->sleep(std::chrono::seconds(1));
      port.tick();
    }
  }

  net::asio::awaitable<void> keep_up_with_tokens() {
    for (int round = 1; !stopping; ++round) {
      co_await parts.sleeper->sleep(between_token_reads);
      if (const auto read = co_await read_tokens(); !read)
        spdlog::warn("tokens could not be read again, those known go on: {}", read.error().message);
      if (round % reads_between_use_notes == 0)
        co_await note_uses();
    }
  }

  net::asio::awaitable<void> clear_webhooks() {
    while (!stopping) {
      co_await parts.sleeper->sleep(std::chrono::seconds(1));
      co_await drop_abandoned(desk);
      tell_refused(desk.refused, parts.clock->now());
    }
  }

  /// A failure leaves the directory as it was.
  net::asio::awaitable<result<void>> read_tokens() {
    const auto reading = tokens.begin_reading();
    using callers = std::pair<std::vector<access_token>, std::vector<user_session>>;
    auto read = [now = parts.clock->now()](storage::read_session& db) -> result<callers> {
      auto tokens = db.access().tokens();
      if (!tokens)
        return failure(std::move(tokens.error()));
      auto sessions = db.access().user_sessions(now);
      if (!sessions)
        return failure(std::move(sessions.error()));
      return callers{std::move(*tokens), std::move(*sessions)};
    };
    const auto found = co_await port.read(std::move(read));
    if (!found)
      co_return failure(found.error());
    tokens.replace(found->first, found->second, reading);
    co_return result<void>{};
  }

  net::asio::awaitable<void> note_uses() {
    auto uses = tokens.take_uses();
    if (uses.empty())
      co_return;
    unit_of_work unit;
    unit.changes.emplace_back(note_token_uses{std::move(uses)});
    if (const auto noted = co_await port.commit(std::move(unit)); !noted)
      spdlog::warn("it could not be noted which tokens were used: {}", noted.error().message);
  }

  void stop() {
    if (!server || stopping.exchange(true))
      return;
    if (!server->stop(config.stop_grace))
      spdlog::warn("some requests were cut off, since they did not end in time");
    if (watching) {
      auto ended = watch_ended.get_future();
      net::asio::post(strand,
                      [self = shared_from_this()] { self->watch_end.emit(net::asio::cancellation_type::terminal); });
      // It holds handles of the engine, which must be gone before the actors' system is.
      if (ended.wait_for(std::chrono::seconds(5)) != std::future_status::ready)
        spdlog::warn("the gateway's watch did not end in time");
    }
    server.reset(); // and with it what holds this
  }

  const gateway_config config;
  const gateway_parts parts;
  node_port port;
  token_directory tokens;
  password_desk passwords;
  sign_in_limits sign_ins;
  webhook_desk webhooks;
  service_desk desk;
  const router routes;
  const net::asio::any_io_executor strand;
  net::asio::cancellation_signal watch_end; ///< used on the strand
  std::promise<void> watch_ended;
  bool watching = false;
  std::unique_ptr<net::http_server> server;
  std::atomic<bool> stopping = false;
};

gateway::gateway(gateway_config config, gateway_parts parts)
    : inside_(std::make_shared<inside>(std::move(config), std::move(parts))) {}

gateway::~gateway() { inside_->stop(); }

result<std::uint16_t> gateway::start() { return inside_->start(); }

result<void> gateway::reload_tls() { return inside_->server ? inside_->server->reload_tls() : result<void>{}; }

void gateway::stop() { inside_->stop(); }

} // namespace penstock::gateway
