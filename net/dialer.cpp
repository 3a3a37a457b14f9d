#include "net/dialer.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/http_headers.hpp"
#include "net/with_limit.hpp"

namespace penstock::net {

namespace {

using asio::ip::tcp;

constexpr auto as_values = asio::as_tuple(asio::use_awaitable);

/// One question to the name service. It may outlive who asked: getaddrinfo cannot be interrupted.
struct lookup {
  explicit lookup(const asio::any_io_executor& executor)
      : resolver(executor), answered(executor, asio::steady_timer::time_point::max()) {}
  tcp::resolver resolver;
  asio::steady_timer answered; ///< cancelled when the answer is there
  bool done = false;
  io_error error;
  std::vector<asio::ip::address> addresses;
};

/// RFC 6761, 6.3: such names are this machine, and the name service is not asked: it may not know them (a system without
/// /etc/hosts) or point elsewhere.
bool is_localhost(std::string_view host) {
  constexpr std::string_view name = "localhost";
  if (host.ends_with('.'))
    host.remove_suffix(1);
  if (host.size() < name.size() || !equals_ignoring_case(host.substr(host.size() - name.size()), name))
    return false;
  return host.size() == name.size() || host[host.size() - name.size() - 1] == '.';
}

asio::awaitable<std::shared_ptr<lookup>> look_up(std::string host) {
  const auto executor = co_await asio::this_coro::executor;
  auto question = std::make_shared<lookup>(executor);
  const auto literal = asio::ip::make_address(host, question->error);
  if (!question->error) {
    question->addresses.push_back(literal);
    co_return question;
  }
  if (is_localhost(host)) {
    question->error = {};
    question->addresses = {asio::ip::address_v4::loopback(), asio::ip::address_v6::loopback()};
    co_return question;
  }
  question->resolver.async_resolve(host, "", [question](io_error error, const tcp::resolver::results_type& found) {
    question->done = true;
    question->error = error;
    for (const auto& entry : found)
      question->addresses.push_back(entry.endpoint().address());
    question->answered.cancel();
  });
  co_await question->answered.async_wait(as_values);
  if (!question->done) {
    question->resolver.cancel();
    question->error = asio::error::operation_aborted;
    // The answer may still come and must not be seen half-written.
    auto abandoned = std::make_shared<lookup>(executor);
    abandoned->error = asio::error::operation_aborted;
    co_return abandoned;
  }
  co_return question;
}

} // namespace

asio::awaitable<result<std::unique_ptr<byte_stream>>> dialer::dial(const url& target) const {
  const auto executor = co_await asio::this_coro::executor;
  const auto found = co_await look_up(target.host);
  if (found->error)
    co_return failure(error_code::network, "cannot find the address of " + target.host + ": " + found->error.message());
  error last{error_code::network, "cannot connect to " + target.origin() + ": it has no address"};
  for (const auto& address : found->addresses) {
    if (allow_address && !allow_address(address.to_string())) {
      last = {error_code::forbidden, "connections to the address of " + target.host + " are not allowed"};
      continue;
    }
    tcp::socket socket(executor);
    const tcp::endpoint endpoint(address, target.effective_port());
    const steady_moment limit = std::chrono::steady_clock::now() + connect_timeout;
    const auto connected = co_await with_limit(socket.async_connect(endpoint, as_values), limit);
    if (!connected) {
      last = {error_code::timed_out, "cannot connect to " + target.origin() + ": no answer in time"};
      continue;
    }
    if (const auto [error] = *connected; error) {
      last = {error_code::network, "cannot connect to " + target.origin() + ": " + error.message()};
      continue;
    }
    io_error ignored; // a delay in sending is all that a failure costs
    socket.set_option(tcp::no_delay(true), ignored);
    auto stream = target.is_tls() ? make_tls_client_stream(std::move(socket), tls, target.host)
                                  : make_plain_stream(std::move(socket));
    const auto [error] = co_await stream->handshake();
    if (error)
      co_return failure(error_code::network, "TLS with " + target.origin() + " failed: " + error.message());
    co_return stream;
  }
  co_return tl::unexpected(last);
}

} // namespace penstock::net
