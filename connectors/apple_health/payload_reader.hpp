#pragma once

#include "connectors/apple_health/body_cursor.hpp"
#include "connectors/connector.hpp"

namespace penstock::connectors::apple_health {

/// The pieces of a job's payload. They must outlive the reader.
[[nodiscard]] inline piece_reader reader_of(payload_pieces& pieces) {
  return [&pieces](std::int64_t from) -> result<std::optional<body_piece>> {
    auto next = pieces.read(from);
    if (!next)
      return failure(std::move(next.error()));
    if (!*next)
      return std::nullopt;
    return body_piece{(*next)->number, std::move((*next)->bytes)};
  };
}

} // namespace penstock::connectors::apple_health
