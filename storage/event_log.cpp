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

} // namespace

event_log::event_log(session& db, id_generator& ids, std::string source)
    : db_(db), ids_(ids), source_(std::move(source)) {}

void event_log::load() {
  // The last event is never swept, so that its position is never given twice.
  statement last{db_, "read last event", "SELECT COALESCE(MAX(position), 0) FROM events"};
  last.out(last_);
  last.one();
}

event event_log::store(event_draft draft, timestamp now) {
  auto& insert = db_.query<insert_event>();
  insert.row.id = ids_.make<event_id>();
  insert.row.position = last_ + 1;
  insert.row.type = std::move(draft.type);
  insert.row.source = source_;
  insert.row.subject = std::move(draft.subject);
  insert.row.data = std::move(draft.data);
  insert.row.integration = draft.integration;
  insert.row.organisation = draft.organisation;
  insert.row.time = now;
  insert.time = micros(now);
  insert.integration.set_or_null(draft.integration.value);
  insert.organisation.set_or_null(draft.organisation.value);
  insert.sql.run();
  ++last_;
  return insert.row;
}

} // namespace penstock::storage
