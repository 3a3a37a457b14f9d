#include "net/dialer.hpp"

#include <algorithm>
#include <optional>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "core/address_kind.hpp"
#include "net/tls_context.hpp"
#include "net/with_limit.hpp"

namespace penstock::net {

namespace {

using asio::ip::tcp;

constexpr auto as_values = asio::as_tuple(asio::use_awaitable);

asio::ip::address for_socket(const ip_address& address) {
  if (address.is_v6)
    return asio::ip::address_v6(address.bytes);
  asio::ip::address_v4::bytes_type bytes{};
  std::copy_n(address.bytes.begin(), bytes.size(), bytes.begin());
  return asio::ip::address_v4(bytes);
}

/// One address, and what to say of it. `name`: of whom messages speak.
asio::awaitable<result<tcp::socket>> connect_to(const ip_address address, const std::uint16_t port,
                                                const std::string name, const duration patience) {
  tcp::socket socket(co_await asio::this_coro::executor);
  const tcp::endpoint endpoint(for_socket(address), port);
  const steady_moment limit = std::chrono::steady_clock::now() + patience;
  const auto connected = co_await with_limit(socket.async_connect(endpoint, as_values), limit);
  if (!connected)
    co_return failure(error_code::timed_out, "cannot connect to " + name + ": no answer in time");
  if (const auto [error] = *connected; error)
    co_return failure(error_code::network, "cannot connect to " + name + ": " + error.message());
  io_error ignored; // a delay in sending is all that a failure costs
  socket.set_option(tcp::no_delay(true), ignored);
  co_return std::move(socket);
}

bool is_this_machine(const url& target) {
  const auto literal = parse_ip_address(target.host);
  return literal ? kind_of(*literal) == address_kind::loopback : is_localhost(target.host);
}

asio::awaitable<result<std::unique_ptr<byte_stream>>> shake_hands(std::unique_ptr<byte_stream> stream,
                                                                  const std::string origin, const duration patience) {
  const steady_moment limit = std::chrono::steady_clock::now() + patience;
  const auto shaken = co_await with_limit(stream->handshake(), limit);
  if (!shaken)
    co_return failure(error_code::timed_out, "TLS with " + origin + " failed: no answer in time");
  if (const auto [error] = *shaken; error)
    co_return failure(error_code::network, "TLS with " + origin + " failed: " + error.message());
  co_return std::move(stream);
}

/// Through the proxy as far as its tunnel's end.
asio::awaitable<result<void>> tunnel(const outgoing_proxy& proxy, const url& target, byte_stream& stream,
                                     const duration patience) {
  const steady_moment limit = std::chrono::steady_clock::now() + patience;
  auto opened = co_await with_limit(open_tunnel(proxy, target, stream), limit);
  if (!opened)
    co_return failure(error_code::timed_out, "the proxy opened no tunnel to " + target.origin() + " in time");
  co_return std::move(*opened);
}

} // namespace

bool dialer::uses_proxy(const url& target) const {
  return proxy && !is_this_machine(target) && !(guard && guard->lists(target));
}

result<void> dialer::admit(const url& target) const {
  return guard ? guard->check_unresolved(target, uses_proxy(target)) : result<void>{};
}

asio::awaitable<result<std::unique_ptr<byte_stream>>> dialer::dial(const url& target) const {
  // Before anybody waits at the other end.
  if (target.is_tls())
    if (auto trusted = trust_system_authorities(*tls); !trusted)
      co_return failure(std::move(trusted.error()));
  const bool through_proxy = uses_proxy(target);
  const std::string host = through_proxy ? proxy->host : target.host;
  const std::string name = through_proxy ? "the proxy " + host : target.origin();
  const std::uint16_t port = through_proxy ? proxy->port : target.effective_port();
  const auto found = co_await resolve(host);
  if (!found)
    co_return failure(found.error());
  std::optional<error> refusal, trouble;
  for (const auto& address : *found) {
    // Whoever configured the proxy may have it anywhere.
    if (guard && !through_proxy)
      if (auto allowed = guard->check(target, address); !allowed) {
        refusal = std::move(allowed.error());
        continue;
      }
    auto socket = co_await connect_to(address, port, name, connect_timeout);
    if (!socket) {
      trouble = std::move(socket.error());
      continue;
    }
    if (!target.is_tls())
      co_return make_plain_stream(std::move(*socket));
    if (through_proxy) {
      auto plain = make_plain_stream(std::move(*socket));
      auto opened = co_await tunnel(*proxy, target, *plain, connect_timeout);
      if (!opened)
        co_return failure(std::move(opened.error()));
      socket = std::move(plain->socket());
    }
    auto stream = make_tls_client_stream(std::move(*socket), tls, target.host);
    auto shaken = co_await shake_hands(std::move(stream), target.origin(), connect_timeout);
    co_return std::move(shaken);
  }
  if (trouble)
    co_return failure(std::move(*trouble));
  if (refusal)
    co_return failure(std::move(*refusal));
  co_return failure(error_code::network, "cannot connect to " + name + ": it has no address");
}

} // namespace penstock::net
