#include "storage/event_log.hpp"

#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct insert_event {
  event row;
  std::int64_t time = 0;
  nullable<std::int64_t> integration, organisation;
  statement sql;
  explicit insert_event(session& db)
      : sql(db, "insert event",
            "INSERT INTO events (position, id, type, source, subject, time, data, integration_id, organisation_id) "
            "VALUES (:position, :id, :type, :source, :subject, :time, :data, :integration, :organisation)") {
    sql.in(row.position).in(row.id.value).in(row.type).in(row.source).in(row.subject).in(time).in(row.data);
    sql.in(integration).in(organisation);
  }
};

/// The row is held until the commit: positions are seen in their order, whichever node gave them.
struct next_positions {
  std::int64_t count = 0, last = 0;
  statement sql;
  explicit next_positions(session& db)
      : sql(db, "draw event positions", "UPDATE event_positions SET last = last + :count RETURNING last") {
    sql.in(count).out(last);
  }
};

} // namespace

event_log::event_log(session& db, id_generator& ids, std::string source)
    : db_(db), ids_(ids), source_(std::move(source)) {}

void event_log::load() {
  // The last event is never swept, so that its position is never given twice.
  statement last{db_, "read last event", "SELECT COALESCE(MAX(position), 0) FROM events"};
  last.out(last_);
  last.one();
}

event event_log::draw(event_draft draft, timestamp now) {
  event made;
  made.id = ids_.make<event_id>();
  made.type = std::move(draft.type);
  made.source = source_;
  made.subject = std::move(draft.subject);
  made.data = std::move(draft.data);
  made.integration = draft.integration;
  made.organisation = draft.organisation;
  made.time = now;
  return made;
}

void event_log::store(std::span<event> events) {
  if (events.empty())
    return;
  if (db_.sql_dialect().shared()) {
    auto& next = db_.query<next_positions>();
    next.count = std::ssize(events);
    next.sql.one();
    last_ = next.last - std::ssize(events);
  }
  auto& insert = db_.query<insert_event>();
  for (auto& each : events) {
    each.position = last_ + 1;
    insert.row = each;
    insert.time = micros(each.time);
    insert.integration.set_or_null(each.integration.value);
    insert.organisation.set_or_null(each.organisation.value);
    insert.sql.post();
    ++last_;
  }
}

} // namespace penstock::storage
