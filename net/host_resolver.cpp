#include "net/host_resolver.hpp"

#include <algorithm>
#include <memory>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/url_guard.hpp"

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
  std::vector<ip_address> addresses;
};

ip_address plain(const asio::ip::address& address) {
  ip_address out;
  out.is_v6 = address.is_v6();
  if (out.is_v6) {
    out.bytes = address.to_v6().to_bytes();
  } else {
    const auto bytes = address.to_v4().to_bytes();
    std::copy(bytes.begin(), bytes.end(), out.bytes.begin());
  }
  return out;
}

} // namespace

asio::awaitable<result<std::vector<ip_address>>> resolve_host(std::string host) {
  if (const auto literal = parse_ip_address(host))
    co_return std::vector{*literal};
  // RFC 6761, 6.3: such names are this machine, and the name service is not asked: it may not know them (a system without
  // /etc/hosts) or point elsewhere.
  if (is_localhost(host))
    co_return std::vector{*parse_ip_address("127.0.0.1"), *parse_ip_address("::1")};
  const auto executor = co_await asio::this_coro::executor;
  const auto question = std::make_shared<lookup>(executor);
  question->resolver.async_resolve(host, "", [question](io_error error, const tcp::resolver::results_type& found) {
    question->done = true;
    question->error = error;
    for (const auto& entry : found)
      question->addresses.push_back(plain(entry.endpoint().address()));
    question->answered.cancel();
  });
  co_await question->answered.async_wait(as_values);
  if (!question->done) {
    // The answer may still come and must not be seen half-written.
    question->resolver.cancel();
    co_return failure(error_code::network, "cannot find the address of " + host + ": nobody waits for it any more");
  }
  if (question->error)
    co_return failure(error_code::network, "cannot find the address of " + host + ": " + question->error.message());
  co_return std::move(question->addresses);
}

} // namespace penstock::net
