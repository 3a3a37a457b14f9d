#pragma once

#include "gateway/service_desk.hpp"

namespace penstock::gateway {

/// Makes the directory hold the tokens that are stored now. A failure leaves it as it was.
[[nodiscard]] inline net::asio::awaitable<result<void>> read_tokens(service_desk& desk) {
  const auto reading = desk.tokens.begin_reading();
  auto read = [](storage::read_session& db) { return db.access().tokens(); };
  const auto found = co_await desk.port.read(std::move(read));
  if (!found)
    co_return failure(found.error());
  desk.tokens.replace(*found, reading);
  co_return result<void>{};
}

} // namespace penstock::gateway
