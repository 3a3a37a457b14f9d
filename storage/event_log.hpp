#pragma once

#include <cstdint>
#include <string>

#include "core/id_generator.hpp"
#include "messages/event.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// The outbox: events are stored with what caused them. This writer is the only one, so the position that an event
/// gets here is its place in the order of publication.
class event_log {
public:
  event_log(session& db, id_generator& ids, std::string source);

  /// Reads the last position. Once, before anything else.
  void load();

  /// Stores an event and returns it as subscribers will see it.
  [[nodiscard]] event store(event_draft draft, timestamp now);

  [[nodiscard]] std::int64_t mark() const noexcept { return last_; }
  void undo_to(std::int64_t mark) noexcept { last_ = mark; }

private:
  session& db_;
  id_generator& ids_;
  const std::string source_;
  std::int64_t last_ = 0;
};

} // namespace penstock::storage
