#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "connectors/connector.hpp"

namespace penstock::connectors {

/// A payload that is whole in memory, read in pieces: for tests and deterministic engines, where nobody may block.
class memory_pieces final : public payload_pieces {
public:
  static constexpr std::size_t usual_piece = 128 * 1024;

  explicit memory_pieces(std::string whole, std::size_t piece_bytes = usual_piece)
      : whole_(std::move(whole)), piece_bytes_(piece_bytes) {}

  result<std::optional<piece>> read(std::int64_t from) override {
    const auto at = static_cast<std::size_t>(from) * piece_bytes_;
    if (at >= whole_.size())
      return std::nullopt;
    piece next{from, whole_.substr(at, piece_bytes_)};
    next.bytes.reserve(next.bytes.size() + padding);
    return next;
  }

private:
  static constexpr std::size_t padding = 64; ///< at least simdjson's

  std::string whole_;
  std::size_t piece_bytes_;
};

} // namespace penstock::connectors
