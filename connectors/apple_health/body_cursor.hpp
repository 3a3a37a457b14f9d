#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace penstock::connectors::apple_health {

/// A place in a body: behind so many bytes of one of its pieces.
struct body_place {
  std::int64_t piece = 0;
  std::int64_t offset = 0;
  friend bool operator==(const body_place&, const body_place&) = default;
};

struct body_piece {
  std::int64_t number = 0;
  std::string bytes;
};
/// The first piece from this number on; nothing behind the last one.
using piece_reader = std::function<result<std::optional<body_piece>>(std::int64_t from)>;

/// Reads a body byte by byte from a place on and holds one piece of it. For one thread.
class body_cursor {
public:
  explicit body_cursor(piece_reader read, body_place from = {});

  /// What comes next of the piece at hand; empty at the end of the body, and when there is a problem.
  [[nodiscard]] std::string_view rest() {
    if (at_ == held_.bytes.size())
      go_on();
    return std::string_view(held_.bytes).substr(at_);
  }
  /// The next byte, -1 where `rest` is empty.
  [[nodiscard]] int peek() {
    if (at_ == held_.bytes.size())
      go_on();
    return at_ == held_.bytes.size() ? -1 : static_cast<unsigned char>(held_.bytes[at_]);
  }
  /// At most as many as `rest` has.
  void skip(std::size_t bytes = 1) noexcept {
    at_ += bytes;
    taken_ += bytes;
  }

  [[nodiscard]] body_place place() const noexcept { return {held_.number, static_cast<std::int64_t>(at_)}; }
  /// Bytes read since the beginning.
  [[nodiscard]] std::size_t taken() const noexcept { return taken_; }
  /// Why a piece could not be read.
  [[nodiscard]] const std::optional<error>& problem() const noexcept { return problem_; }

private:
  void go_on();

  piece_reader read_;
  body_piece held_;
  std::size_t at_ = 0, taken_ = 0;
  body_place from_;
  bool begun_ = false, ended_ = false;
  std::optional<error> problem_;
};

} // namespace penstock::connectors::apple_health
