#include "node/provider_check.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "net/asio.hpp"
#include "net/dialer.hpp"
#include "net/outgoing_proxy.hpp"
#include "net/strand.hpp"
#include "net/tls_context.hpp"
#include "net/url.hpp"
#include "net/url_guard.hpp"
#include "net/with_limit.hpp"
#include "node/node_plan.hpp"
#include "node/outgoing.hpp"

namespace penstock::node {
namespace {

using kind = finding::kind;
using connection = result<std::unique_ptr<net::byte_stream>>;

constexpr auto longest_dial = std::chrono::seconds(8);

net::asio::awaitable<result<void>> try_to_reach(const net::dialer& dial, net::url target) {
  const auto limit = std::chrono::steady_clock::now() + longest_dial;
  auto dialled = co_await net::with_limit(dial.dial(target), limit);
  if (!dialled)
    co_return failure(error_code::timed_out, "it does not answer within 8 s");
  if (!*dialled)
    co_return failure(std::move(dialled->error()));
  co_return result<void>{};
}

} // namespace

finding check_port(const config::settings& settings) {
  const auto& listen = settings.http.listen;
  const auto where = config::local_url(listen, settings.http.has_tls());
  if (listen.port == 0)
    return {"port", kind::ok, "any free one is taken"};
  net::asio::io_context context;
  boost::system::error_code wrong;
  const auto address = net::asio::ip::make_address(listen.address, wrong);
  net::asio::ip::tcp::acceptor acceptor(context);
  const net::asio::ip::tcp::endpoint endpoint(address, listen.port);
  if (!wrong)
    acceptor.open(endpoint.protocol(), wrong);
  if (!wrong)
    acceptor.set_option(net::asio::socket_base::reuse_address(true), wrong);
  if (!wrong)
    acceptor.bind(endpoint, wrong);
  if (wrong)
    return {"port", kind::fail,
            where + " cannot be taken (" + wrong.message() + "): end what uses it, or set http.listen to another port"};
  return {"port", kind::ok, where + " is free"};
}

void check_providers(const config::settings& settings, std::vector<finding>& all) {
  auto tls = net::make_client_tls(settings.http.ca_file.string());
  if (!tls) {
    all.push_back({"providers", kind::fail, tls.error().message});
    return;
  }
  // As the node itself goes.
  net::dialer dial{.tls = *tls, .connect_timeout = longest_dial};
  dial.guard = std::make_shared<const net::url_guard>(settings.http.allow_private_hosts);
  if (!settings.http.outgoing_proxy.empty())
    if (auto proxy = net::parse_outgoing_proxy(settings.http.outgoing_proxy))
      dial.proxy = std::make_shared<const net::outgoing_proxy>(*std::move(proxy));
  for (const auto& each : provider_addresses(settings, connector_sections())) {
    const auto what = "provider " + each.name;
    const auto target = net::parse_url(each.url);
    if (!target) {
      all.push_back({what, kind::fail, each.key + " is no address"});
      continue;
    }
    net::asio::io_context context;
    std::optional<result<void>> reached;
    net::asio::co_spawn(net::make_strand_on(context.get_executor()), try_to_reach(dial, *target),
                        [&reached](const std::exception_ptr& thrown, result<void> outcome) {
                          if (!thrown)
                            reached = std::move(outcome);
                        });
    context.run();
    if (reached && *reached)
      all.push_back({what, kind::ok, target->host + " answers"});
    else
      all.push_back({what, kind::fail,
                     target->host + " cannot be reached (" + (reached ? reached->error().message : "an exception") +
                       "): look at the network, a proxy, http.ca_file"});
  }
}

} // namespace penstock::node
