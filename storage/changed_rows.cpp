#include "storage/changed_rows.hpp"

#include <boost/json.hpp>

#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct insert_changed {
  std::int64_t event = 0, integration = 0;
  std::string table, rows;
  statement sql;
  explicit insert_changed(session& db)
      : sql(db, "note changed rows",
            "INSERT INTO changed_rows (event_id, table_name, integration_id, rows) VALUES (:event, :table_name, "
            ":integration, :rows)") {
    sql.in(event).in(table).in(integration).in(rows);
  }
};

struct delete_changed {
  std::int64_t limit = 0;
  statement sql;
  explicit delete_changed(session& db)
      : sql(db, "sweep changed rows",
            "DELETE FROM changed_rows WHERE event_id IN (SELECT event_id FROM changed_rows ORDER BY event_id LIMIT "
            ":limit) AND NOT EXISTS (SELECT 1 FROM events e WHERE e.id = changed_rows.event_id)") {
    sql.in(limit);
  }
};

/// What stands before the id; change_reads.cpp reads it.
char mark_of(changed_row::action what) noexcept {
  switch (what) {
    case changed_row::action::added: return '+';
    case changed_row::action::deleted: return '-';
    case changed_row::action::updated: break;
  }
  return '~';
}

} // namespace

void note_changed_rows(session& db, event_id told, const std::string& table, integration_id integration,
                       const std::vector<row_mark>& rows) {
  boost::json::array marked;
  marked.reserve(rows.size());
  for (const auto& each : rows) {
    boost::json::string text;
    text.reserve(each.source_id->size() + 1);
    text.push_back(mark_of(each.what));
    text.append(*each.source_id);
    marked.emplace_back(std::move(text));
  }
  auto& insert = db.query<insert_changed>();
  insert.event = told.value;
  insert.table = table;
  insert.integration = integration.value;
  insert.rows = boost::json::serialize(marked);
  insert.sql.post();
}

void sweep_changed_rows(session& db, std::int64_t limit) {
  auto& drop = db.query<delete_changed>();
  drop.limit = limit;
  drop.sql.run();
}

} // namespace penstock::storage
