#include "storage/write_state.hpp"

#include <string>
#include <utility>

#include "storage/statement.hpp"

namespace penstock::storage {

write_state::write_state(session& connection, const database_context& context, slot_offers& open_slots,
                         node_membership* node)
    : db(connection), house(context), queues(connection, "queues"), kinds(connection, "kinds"), counts(connection),
      slots(connection, node), offers(open_slots), events(connection, *context.ids, "penstock/" + context.node_name) {
  if (node)
    fence.emplace(connection, *node);
}

void write_state::load() {
  queues.load();
  kinds.load();
  slots.load();
  events.load();
  start_ids_after_stored();
}

void write_state::start_ids_after_stored() {
  // The clock may have been set back while the node was down.
  for (const auto* table : {"jobs", "events", "runs", "integrations"}) {
    std::int64_t highest = 0;
    statement last{db, "read last id", std::string{"SELECT COALESCE(MAX(id), 0) FROM "} + table};
    last.out(highest);
    last.one();
    if (highest > 0)
      house.ids->start_after(highest);
  }
}

void write_state::begin() {
  now = house.clock->now();
  queues_before_ = queues.mark();
  kinds_before_ = kinds.mark();
  position_before_ = events.mark();
  open_ = true;
  db.begin();
  if (fence && !fence->enter()) {
    slots.lose();
    offers.close_all();
  }
}

void write_state::store_events() {
  const auto waiting = news.events().subspan(events_stored_);
  events.store(waiting);
  events_stored_ += waiting.size();
}

void write_state::commit(log_sync* log) {
  store_events();
  counts.flush();
  {
    log_sync::commit mark(log);
    db.commit();
    mark.stored();
  }
  settle();
}

void write_state::settle() {
  open_ = false;
  events_stored_ = 0;
  counts.clear();
  slots.commit();
  offers.commit();
  if (fence)
    fence->stored();
}

void write_state::rollback() noexcept {
  db.rollback();
  if (!std::exchange(open_, false))
    return;
  queues.undo_to(queues_before_);
  kinds.undo_to(kinds_before_);
  events.undo_to(position_before_);
  events_stored_ = 0;
  counts.clear();
  slots.rollback();
  offers.rollback();
  news.undo_to({});
}

write_state::mark write_state::current() const { return {queues.mark(), kinds.mark(), counts.mark(), news.current()}; }

void write_state::undo_to(mark part) {
  queues.undo_to(part.queues);
  kinds.undo_to(part.kinds);
  counts.undo_to(std::move(part.counts));
  news.undo_to(part.news);
}

} // namespace penstock::storage
