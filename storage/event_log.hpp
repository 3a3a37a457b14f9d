#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "core/id_generator.hpp"
#include "messages/event.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// The outbox: events are stored with what caused them, at the end of the transaction, where their positions are drawn:
/// an event's place in the order of publication. Of nodes that share a database one draws at a time.
class event_log {
public:
  event_log(session& db, id_generator& ids, std::string source);

  /// Reads the last position. Once, before anything else.
  void load();

  /// The event as subscribers will see it, but for its position.
  [[nodiscard]] event draw(event_draft draft, timestamp now);

  /// Stores events and gives them their positions.
  void store(std::span<event> events);

  [[nodiscard]] std::int64_t mark() const noexcept { return last_; }
  void undo_to(std::int64_t mark) noexcept { last_ = mark; }

private:
  session& db_;
  id_generator& ids_;
  const std::string source_;
  std::int64_t last_ = 0;
};

} // namespace penstock::storage
