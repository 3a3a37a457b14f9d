#include "net/beast_http_client.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/client_exchange.hpp"
#include "net/connection_pool.hpp"
#include "net/message_writer.hpp"
#include "net/tls_context.hpp"

namespace penstock::net {

struct beast_http_client::shared {
  http_client_config config;
  std::shared_ptr<asio::ssl::context> tls;
  std::shared_ptr<connection_pool> pool;

  /// Ready to run, or why the request cannot be sent.
  [[nodiscard]] result<std::shared_ptr<client_exchange>> prepare(http_request request) const {
    auto target = parse_url(request.url);
    if (!target)
      return tl::unexpected(target.error());
    auto out = std::make_shared<client_exchange>();
    out->dial = {tls, config.connect_timeout, config.guard, config.proxy, config.resolve};
    if (auto admitted = out->dial.admit(*target); !admitted)
      return tl::unexpected(std::move(admitted.error()));
    const bool whole_url = !target->is_tls() && out->dial.uses_proxy(*target);
    if (!write_request_head(out->head, request, *target, config.user_agent, whole_url ? config.proxy.get() : nullptr))
      return failure(error_code::invalid_argument,
                     target->origin() + ": the request's method or a header field has a character that cannot be sent");
    out->request = std::move(request);
    out->target = std::move(*target);
    out->max_header = config.max_header;
    out->pool = pool;
    out->limit = std::chrono::steady_clock::now() + out->request.timeout;
    return out;
  }
};

namespace {

asio::awaitable<result<http_response>> perform(std::shared_ptr<client_exchange> exchange) {
  const std::string origin = exchange->target.origin();
  bool fresh = exchange->request.fresh_connection;
  for (;;) {
    auto connection = exchange->pool->take(origin, fresh);
    if (!connection)
      co_return tl::unexpected(connection.error());
    const auto strand = connection->strand;
    auto work = [exchange, taken = std::move(*connection)]() mutable { return exchange->run(std::move(taken)); };
    auto outcome = co_await asio::co_spawn(strand, std::move(work), asio::use_awaitable);
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none)
      co_return failure(error_code::cancelled, exchange->request.method + ' ' + origin + ": cancelled");
    if (!outcome.was_stale || !exchange->request.is_idempotent())
      co_return std::move(outcome.answer);
    fresh = true; // ends: a fresh connection is never stale
  }
}

} // namespace

result<std::unique_ptr<beast_http_client>> beast_http_client::make(asio::any_io_executor executor,
                                                                   http_client_config config) {
  auto tls = make_client_tls(config.ca_file, config.known_certificate);
  if (!tls)
    return tl::unexpected(tls.error());
  auto state = std::make_shared<shared>();
  state->pool = std::make_shared<connection_pool>(std::move(executor),
                                                  connection_limits{.idle_expiry = config.idle_expiry,
                                                                    .max_idle_per_origin = config.max_idle_per_origin,
                                                                    .max_idle = config.max_idle,
                                                                    .max_open_per_origin = config.max_open_per_origin});
  state->tls = std::move(*tls);
  state->config = std::move(config);
  return std::unique_ptr<beast_http_client>(new beast_http_client(std::move(state)));
}

beast_http_client::beast_http_client(std::shared_ptr<shared> state) : shared_(std::move(state)) {}
beast_http_client::~beast_http_client() = default;

asio::awaitable<result<http_response>> beast_http_client::send(http_request request) {
  auto exchange = shared_->prepare(std::move(request));
  if (!exchange)
    co_return tl::unexpected(exchange.error());
  auto answer = co_await perform(std::move(*exchange));
  co_return answer;
}

asio::awaitable<result<http_response>>
beast_http_client::send_streaming(http_request request, std::function<bool(std::string_view)> on_chunk) {
  auto exchange = shared_->prepare(std::move(request));
  if (!exchange)
    co_return tl::unexpected(exchange.error());
  (*exchange)->sink = std::move(on_chunk);
  (*exchange)->limit_each_wait = true;
  auto answer = co_await perform(std::move(*exchange));
  co_return answer;
}

std::size_t beast_http_client::idle_connections() const { return shared_->pool->idle(); }

} // namespace penstock::net
