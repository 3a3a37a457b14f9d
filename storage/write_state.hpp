#pragma once

#include <optional>

#include "core/time.hpp"
#include "storage/database.hpp"
#include "storage/event_log.hpp"
#include "storage/interned_names.hpp"
#include "storage/log_sync.hpp"
#include "storage/news_builder.hpp"
#include "storage/node_fence.hpp"
#include "storage/queue_counters.hpp"
#include "storage/session.hpp"
#include "storage/slot_offers.hpp"
#include "storage/slot_table.hpp"

namespace penstock::storage {

/// What the writer knows beside the database: images of small tables, what a transaction has gathered for its end, and
/// the one moment that stands for "now" in it. It always agrees with what is stored: a transaction or a part of one
/// that is undone is undone here too.
class write_state {
public:
  /// All of it outlives the state. `node`: null where nobody shares the database.
  write_state(session& db, const database_context& house, slot_offers& offers, node_membership* node = nullptr);

  /// Reads the images. Once, before anything else.
  void load();

  /// Starts, stores, or gives up a transaction.
  void begin();
  /// `log`, if any, hears of the COMMIT itself.
  void commit(log_sync* log = nullptr);
  /// Also where none has begun: then there is nothing to give up, and the images stay.
  void rollback() noexcept;
  /// What is raised lies in memory until then: events are stored last, whose positions other nodes wait for.
  void store_events();
  /// The transaction is stored, though COMMIT did not say so.
  void settle();

  /// Everything that a part of a transaction may change. Slots are not among it: claims are never undone alone.
  struct mark {
    std::size_t queues = 0, kinds = 0;
    std::vector<queue_counters::state_counts> counts;
    news_builder::mark news;
  };
  [[nodiscard]] mark current() const;
  void undo_to(mark part);

  /// An event, told after the commit. Its id.
  event_id raise(event_draft draft) {
    auto drawn = events.draw(std::move(draft), now);
    const auto id = drawn.id;
    news.add(std::move(drawn));
    return id;
  }

  session& db;
  const database_context& house;
  interned_names queues, kinds;
  queue_counters counts;
  slot_table slots;
  slot_offers& offers;
  event_log events;
  news_builder news;
  std::optional<node_fence> fence;
  timestamp now = no_time;

private:
  void start_ids_after_stored();

  std::size_t queues_before_ = 0, kinds_before_ = 0;
  std::int64_t position_before_ = 0;
  std::size_t events_stored_ = 0;
  bool open_ = false; ///< a transaction, whose beginning the marks stand for
};

} // namespace penstock::storage
