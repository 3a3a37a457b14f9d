#include "net/http_server.hpp"

#include <atomic>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/server_connection.hpp"
#include "net/server_core.hpp"
#include "net/strand.hpp"
#include "net/tls_context.hpp"

namespace penstock::net {

using asio::ip::tcp;

/// The listening socket and the coroutine that accepts.
class http_server::listener : public std::enable_shared_from_this<listener> {
public:
  listener(asio::any_io_executor executor, http_server_config config, http_handler handler)
      : core_(std::make_shared<server_core>(executor, std::move(config), std::move(handler))),
        strand_(make_strand_on(executor)), acceptor_(strand_) {}

  result<std::uint16_t> reserve() {
    const auto& config = core_->config;
    if (auto loaded = reload_tls(); !loaded)
      return tl::unexpected(std::move(loaded.error()));
    io_error error;
    const auto address = asio::ip::make_address(config.address, error);
    if (error)
      return failure(error_code::bad_configuration,
                     "cannot listen on \"" + config.address + "\": it is not an IP address");
    if (bind({address, config.port}, error); error)
      return refuse(error);
    return acceptor_.local_endpoint().port();
  }

  result<std::uint16_t> start() {
    if (!acceptor_.is_open())
      if (auto reserved = reserve(); !reserved)
        return reserved;
    io_error error;
    if (acceptor_.listen(asio::socket_base::max_listen_connections, error); error)
      return refuse(error);
    core_->accepting(true);
    asio::co_spawn(
      strand_, [self = shared_from_this()] { return self->accept(); }, asio::detached);
    return acceptor_.local_endpoint().port();
  }

  result<void> reload_tls() {
    const auto& config = core_->config;
    if (config.tls_certificate.empty() && config.tls_key.empty())
      return {};
    auto tls = make_server_tls(config.tls_certificate, config.tls_key);
    if (!tls)
      return tl::unexpected(std::move(tls.error()));
    core_->set_tls(std::move(*tls));
    return {};
  }

  bool stop(duration grace) {
    if (stopped_.exchange(true))
      return true;
    asio::post(strand_, [self = shared_from_this()] {
      io_error ignored; // closing cannot be made to work by knowing why it failed
      self->acceptor_.close(ignored);
      self->pause_.cancel();
    });
    core_->drain();
    if (core_->wait_until_empty(grace))
      return true;
    core_->kill();
    // What is cut off ends as soon as its strand runs. If the io_context has been stopped, it never does.
    static_cast<void>(core_->wait_until_empty(std::chrono::seconds(1)));
    return false;
  }

  [[nodiscard]] std::size_t connections() const { return core_->size(); }

private:
  result<std::uint16_t> refuse(const io_error& why) {
    const auto& config = core_->config;
    const bool is_v6 = config.address.find(':') != std::string::npos;
    const std::string place = (is_v6 ? '[' + config.address + ']' : config.address) + ':' + std::to_string(config.port);
    io_error ignored;
    acceptor_.close(ignored);
    return failure(error_code::unavailable,
                   "cannot listen on " + place + ": " + why.message() +
                     (why == asio::error::address_in_use ? "; stop what listens there or choose another port" : ""));
  }

  void bind(const tcp::endpoint& endpoint, io_error& error) {
    acceptor_.open(endpoint.protocol(), error);
    if (!error)
      acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error && endpoint.address().is_v6())
      acceptor_.set_option(asio::ip::v6_only(false), error);
    if (!error)
      acceptor_.bind(endpoint, error);
  }

  asio::awaitable<void> accept() {
    while (acceptor_.is_open()) {
      auto [error, socket] =
        co_await acceptor_.async_accept(make_strand_on(core_->executor), asio::as_tuple(asio::use_awaitable));
      if (!error) {
        server_connection::start(core_, std::move(socket));
      } else if (acceptor_.is_open() && error != asio::error::connection_aborted) {
        // Out of file descriptors or memory: trying again at once would spin.
        pause_.expires_after(std::chrono::milliseconds(100));
        co_await pause_.async_wait(asio::as_tuple(asio::use_awaitable));
      }
    }
    core_->accepting(false);
  }

  const std::shared_ptr<server_core> core_;
  const asio::any_io_executor strand_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_{strand_};
  std::atomic<bool> stopped_ = false;
};

http_server::http_server(asio::any_io_executor executor, http_server_config config, http_handler handler)
    : listener_(std::make_shared<listener>(std::move(executor), std::move(config), std::move(handler))) {}

http_server::~http_server() { listener_->stop(duration::zero()); }

result<std::uint16_t> http_server::reserve() { return listener_->reserve(); }

result<std::uint16_t> http_server::start() { return listener_->start(); }

result<void> http_server::reload_tls() { return listener_->reload_tls(); }

bool http_server::stop(duration grace) { return listener_->stop(grace); }

std::size_t http_server::connections() const { return listener_->connections(); }

} // namespace penstock::net
