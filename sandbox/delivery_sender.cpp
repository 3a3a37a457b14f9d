#include "sandbox/delivery_sender.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

#include "core/address_kind.hpp"
#include "net/url.hpp"
#include "net/url_guard.hpp"

namespace penstock::sandbox {

namespace {

bool is_on_this_machine(const net::url& target) {
  const auto address = parse_ip_address(target.host);
  return net::is_localhost(target.host) || (address && kind_of(*address) == address_kind::loopback);
}

} // namespace

net::asio::awaitable<void> delivery_sender::run(net::http_client& client) {
  const net::asio::any_io_executor executor = co_await net::asio::this_coro::executor;
  for (;;) {
    look(client, executor);
    co_await sleeper_.sleep(look_pause);
  }
}

void delivery_sender::look(net::http_client& client, const net::asio::any_io_executor& executor) {
  for (const auto& each : stand_ins_) {
    if (in_flight_ >= most_at_once)
      return;
    for (auto& what : each->take_deliveries(most_at_once - in_flight_)) {
      ++in_flight_;
      net::asio::co_spawn(executor, send_for(client, *each, std::move(what)), net::asio::detached);
    }
  }
}

net::asio::awaitable<void> delivery_sender::send_for(net::http_client& client, stand_in& of, delivery what) {
  auto copy = what;
  const bool taken = co_await send(client, std::move(copy));
  --in_flight_;
  of.note_delivery(what, taken);
}

net::asio::awaitable<bool> delivery_sender::send(net::http_client& client, delivery what) {
  const auto target = net::parse_url(what.url);
  const auto tell = [&](const std::string& outcome) {
    if (log_)
      log_("webhook to " + (target ? target->origin() : "an address that is no URL") + ": " + outcome);
  };
  if (!target || !is_on_this_machine(*target)) {
    tell("not sent, it is not on this machine");
    co_return false;
  }
  auto pause = first_pause;
  for (int tries = 1;; ++tries) {
    net::http_request request;
    request.method = "POST";
    request.url = what.url;
    request.headers.add("Content-Type", "application/json");
    for (const auto& [name, value] : what.headers)
      request.headers.add(name, value);
    request.body = what.body;
    request.timeout = std::chrono::seconds(10);
    const auto answer = co_await client.send(std::move(request));
    tell(answer ? std::to_string(answer->status) : answer.error().message);
    if (answer && answer->status >= 200 && answer->status < 300)
      co_return true;
    if (tries == most_tries)
      co_return false;
    co_await sleeper_.sleep(pause);
    pause *= 2;
  }
}

} // namespace penstock::sandbox
