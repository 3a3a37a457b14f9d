#include "connectors/apple_health/body_cursor.hpp"

#include <utility>

namespace penstock::connectors::apple_health {

body_cursor::body_cursor(piece_reader read, body_place from) : read_(std::move(read)), from_(from) {
  held_.number = from.piece;
}

void body_cursor::go_on() {
  while (!ended_ && !problem_ && at_ == held_.bytes.size()) {
    auto next = read_(begun_ ? held_.number + 1 : from_.piece);
    if (!next) {
      problem_ = std::move(next.error());
      return;
    }
    if (!*next) {
      ended_ = true;
      return;
    }
    held_ = std::move(**next);
    at_ = 0;
    if (!std::exchange(begun_, true) && from_.offset > 0) {
      if (held_.number != from_.piece || from_.offset > static_cast<std::int64_t>(held_.bytes.size())) {
        held_.bytes.clear();
        problem_ = error{error_code::invalid_argument, "the body has no such place: was it replaced?"};
        return;
      }
      at_ = static_cast<std::size_t>(from_.offset);
    }
  }
}

} // namespace penstock::connectors::apple_health
