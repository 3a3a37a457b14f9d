#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/byte_stream.hpp"
#include "net/url.hpp"

namespace penstock::net {

/// Opens connections: resolves a name, tries its addresses in turn, shakes hands. `localhost` and names below it are
/// 127.0.0.1, then ::1, without asking anybody. Without state of its own.
struct dialer {
  std::shared_ptr<asio::ssl::context> tls;
  duration connect_timeout = std::chrono::seconds(10); ///< for each address
  std::function<bool(std::string_view address)> allow_address{};

  /// A connection ready for use, on the executor of the calling coroutine (a strand). Errors: `network`, `timed_out`
  /// (no address answered in time), `forbidden` (`allow_address` refused them all). The messages name the origin only.
  [[nodiscard]] asio::awaitable<result<std::unique_ptr<byte_stream>>> dial(const url& target) const;
};

} // namespace penstock::net
