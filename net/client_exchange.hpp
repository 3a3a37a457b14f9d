#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/connection_pool.hpp"
#include "net/dialer.hpp"
#include "net/http_message.hpp"
#include "net/with_limit.hpp"

namespace penstock::net {

/// One request on its way and its answer. Runs on the strand of its connection. Private to beast_http_client.
struct client_exchange : std::enable_shared_from_this<client_exchange> {
  http_request request;
  url target;
  std::string head; ///< request line and header, ready to send
  std::function<bool(std::string_view)> sink{};
  bool limit_each_wait = false; ///< `request.timeout` is for each wait for bytes, not for the whole
  std::size_t max_header = 0;
  dialer dial{};
  std::shared_ptr<connection_pool> pool{};
  steady_moment limit{};

  struct outcome {
    result<http_response> answer{};
    /// A reused connection was closed before any byte of the answer: a fresh one may do better.
    bool was_stale = false;
  };

  /// Sends and receives on `connection`, opening it first if it must, within `limit`. Does not throw.
  asio::awaitable<outcome> run(client_connection connection);

private:
  asio::awaitable<outcome> attempt(client_connection connection);
  asio::awaitable<outcome> receive(client_connection& connection, io_error write_error);
  [[nodiscard]] error broken(std::string_view what, error_code code = error_code::network) const;
};

} // namespace penstock::net
