#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "core/error.hpp"
#include "core/time.hpp"

namespace penstock::net {

/// What is kept of one request and its answer. Holds no secret.
struct http_exchange {
  std::string method;
  std::string url; ///< redacted, see url_redaction.hpp
  int status = 0;  ///< 0: no answer
  std::optional<error> failure{};
  timestamp started_at{};
  duration took{0};
  std::size_t request_bytes = 0;  ///< of the body
  std::size_t response_bytes = 0; ///< of the body
  int try_number = 1;             ///< from 1
  std::optional<duration> hold_off{};           ///< how long the provider wants no more calls
  std::string request_body{}, response_body{};  ///< redacted; only for an observer that wants them
};

/// Told of every exchange as it ends. Called on the executor of the sending coroutine: must not block.
class exchange_observer {
public:
  virtual ~exchange_observer() = default;
  virtual void on_exchange(const http_exchange& exchange) = 0;
  [[nodiscard]] virtual bool wants_bodies() const noexcept { return false; }
};

} // namespace penstock::net
