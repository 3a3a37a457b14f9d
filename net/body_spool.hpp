#pragma once

#include <memory>
#include <optional>
#include <string>

#include "net/asio.hpp"
#include "net/http_handler.hpp"

namespace penstock::net {

/// Takes the body of a request piece by piece, so that a large one is never whole in memory. Used on the connection's
/// strand. One that is dropped before a handler took it over (the client went, the body was malformed or came too slowly)
/// forgets what it has taken.
class body_spool {
public:
  virtual ~body_spool() = default;

  /// The next piece of it, in order; nothing more is read meanwhile. A reply refuses the request: the rest is not read, and
  /// the connection closed behind it.
  [[nodiscard]] virtual asio::awaitable<std::optional<http_reply>> take(std::string piece) = 0;
};

/// What becomes of a large body.
struct spool_decision {
  std::optional<http_reply> refusal{};
  std::shared_ptr<body_spool> spool{}; ///< null, and no refusal: it is kept in memory
};

} // namespace penstock::net
