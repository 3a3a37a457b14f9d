#pragma once

#include "core/time.hpp"
#include "storage/database.hpp"
#include "storage/event_log.hpp"
#include "storage/interned_names.hpp"
#include "storage/news_builder.hpp"
#include "storage/queue_counters.hpp"
#include "storage/session.hpp"
#include "storage/slot_table.hpp"

namespace penstock::storage {

/// What the writer knows beside the database: images of small tables, what a transaction has gathered for its end, and
/// the one moment that stands for "now" in it. It always agrees with what is stored: a transaction or a part of one
/// that is undone is undone here too.
class write_state {
public:
  /// `db` and all of the context outlive the state.
  write_state(session& db, const database_context& house);

  /// Reads the images. Once, before anything else.
  void load();

  /// Starts, stores, or gives up a transaction.
  void begin();
  void commit();
  void rollback() noexcept;

  /// Everything that a part of a transaction may change. Slots are not among it: claims are never undone alone.
  struct mark {
    std::size_t queues = 0, kinds = 0;
    std::vector<queue_counters::state_counts> counts;
    std::int64_t event_position = 0;
    news_builder::mark news;
  };
  [[nodiscard]] mark current() const;
  void undo_to(mark part);

  /// Stores an event and tells it after the commit.
  void raise(event_draft draft) { news.add(events.store(std::move(draft), now)); }

  session& db;
  const database_context& house;
  interned_names queues, kinds;
  queue_counters counts;
  slot_table slots;
  event_log events;
  news_builder news;
  timestamp now = no_time;

private:
  void start_ids_after_stored();

  std::size_t queues_before_ = 0, kinds_before_ = 0;
  std::int64_t position_before_ = 0;
};

} // namespace penstock::storage
