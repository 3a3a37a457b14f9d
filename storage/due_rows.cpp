#include "storage/due_rows.hpp"

#include "storage/array_text.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct delete_due {
  std::int64_t id = 0, same = 0;
  statement sql;
  explicit delete_due(session& db)
      : sql(db, "forget due integration",
            "DELETE FROM due_integrations WHERE integration_id = :id AND next_due_at = "
            "(SELECT i.next_due_at FROM integrations i WHERE i.id = :same)") {
    sql.in(id).in(same);
  }
};

struct delete_triggered {
  std::int64_t id = 0;
  statement sql;
  explicit delete_triggered(session& db)
      : sql(db, "forget triggered integration", "DELETE FROM triggered_integrations WHERE integration_id = :id") {
    sql.in(id);
  }
};

struct insert_due {
  std::int64_t due_at = 0, id = 0;
  nullable<std::int64_t> organisation;
  statement sql;
  explicit insert_due(session& db)
      : sql(db, "store due integration",
            "INSERT INTO due_integrations (next_due_at, integration_id, organisation_id) "
            "VALUES (:due_at, :id, :organisation)") {
    sql.in(due_at).in(id).in(organisation);
  }
};

/// Where others write too, the integration's own row is locked with it: whoever edits one reads it under that lock.
std::string due_text(const dialect& to) {
  return to.shared() ? "SELECT d.integration_id, d.organisation_id, d.next_due_at FROM due_integrations d "
                       "JOIN integrations i ON i.id = d.integration_id WHERE d.next_due_at <= :now "
                       "ORDER BY d.next_due_at, d.integration_id LIMIT :limit" +
                         to.for_update()
                     : "SELECT integration_id, organisation_id, next_due_at FROM due_integrations "
                       "WHERE next_due_at <= :now ORDER BY next_due_at, integration_id LIMIT :limit";
}

struct select_due {
  std::int64_t now = 0, limit = 0, id = 0, due_at = 0;
  nullable<std::int64_t> organisation;
  statement sql;
  explicit select_due(session& db) : sql(db, "due integrations", due_text(db.sql_dialect())) {
    sql.in(now).in(limit).out(id).out(organisation).out(due_at);
  }
};

/// All up to one in that order: where nobody else writes, those are the ones that were found.
struct up_to {
  std::int64_t at = 0, before = 0, last_id = 0;
  static constexpr const char* condition =
    "WHERE next_due_at <= :at AND (next_due_at < :before OR integration_id <= :last_id)";
  void bind(statement& sql) { sql.in(at).in(before).in(last_id); }
  void set(const due_integration& last) {
    at = before = last.due_at;
    last_id = last.id.value;
  }
};

struct trigger_up_to {
  std::int64_t now = 0;
  up_to last;
  statement sql;
  explicit trigger_up_to(session& db)
      : sql(db, "trigger due integrations",
            std::string{"INSERT INTO triggered_integrations (integration_id, organisation_id, triggered_at) "
                        "SELECT integration_id, organisation_id, :now FROM due_integrations "} +
              up_to::condition) {
    sql.in(now);
    last.bind(sql);
  }
};

struct delete_up_to {
  up_to last;
  statement sql;
  explicit delete_up_to(session& db)
      : sql(db, "forget due integrations", std::string{"DELETE FROM due_integrations "} + up_to::condition) {
    last.bind(sql);
  }
};

/// Those that were found and are held: others that fell due meanwhile have no job yet.
struct trigger_found {
  std::int64_t now = 0;
  array_text ids, organisations;
  statement sql;
  explicit trigger_found(session& db)
      : sql(db, "trigger due integrations",
            "INSERT INTO triggered_integrations (integration_id, organisation_id, triggered_at) "
            "SELECT w.id, w.organisation, CAST(:now AS BIGINT) FROM "
            "unnest(CAST(:ids AS BIGINT[]), CAST(:organisations AS BIGINT[])) AS w(id, organisation)") {
    sql.in(now).in(ids.text()).in(organisations.text());
  }
};

struct delete_found {
  array_text ids, moments;
  statement sql;
  explicit delete_found(session& db)
      : sql(db, "forget due integrations",
            "DELETE FROM due_integrations d USING unnest(CAST(:ids AS BIGINT[]), CAST(:moments AS BIGINT[])) "
            "AS w(id, at) WHERE d.next_due_at = w.at AND d.integration_id = w.id") {
    sql.in(ids.text()).in(moments.text());
  }
};

void mark_held_triggered(session& db, const std::vector<due_integration>& found, timestamp now) {
  auto& trigger = db.query<trigger_found>();
  auto& forget = db.query<delete_found>();
  for (auto* each : {&trigger.ids, &trigger.organisations, &forget.ids, &forget.moments})
    each->clear();
  for (const auto& each : found) {
    trigger.ids.add(each.id.value);
    if (each.organisation)
      trigger.organisations.add(each.organisation.value);
    else
      trigger.organisations.add_null();
    forget.ids.add(each.id.value);
    forget.moments.add(each.due_at);
  }
  for (auto* each : {&trigger.ids, &trigger.organisations, &forget.ids, &forget.moments})
    each->close();
  trigger.now = micros(now);
  trigger.sql.post();
  forget.sql.post();
}

} // namespace

void forget_due(session& db, integration_id id) {
  auto& due = db.query<delete_due>();
  due.id = due.same = id.value;
  due.sql.post();
  auto& triggered = db.query<delete_triggered>();
  triggered.id = id.value;
  triggered.sql.post();
}

void store_due(session& db, const integration& value) {
  if (value.schedule.next_due_at == no_time)
    return;
  auto& query = db.query<insert_due>();
  query.due_at = micros(value.schedule.next_due_at);
  query.id = value.id.value;
  query.organisation.set_or_null(value.organisation.value);
  query.sql.post();
}

std::vector<due_integration> find_due(session& db, timestamp now, std::int64_t limit) {
  std::vector<due_integration> found;
  auto& query = db.query<select_due>();
  query.now = micros(now);
  query.limit = limit;
  for (bool row = query.sql.first(); row; row = query.sql.next())
    found.push_back({{query.id}, {query.organisation.value_or(0)}, query.due_at});
  return found;
}

void mark_due_triggered(session& db, const std::vector<due_integration>& found, timestamp now) {
  if (found.empty())
    return;
  if (db.sql_dialect().shared())
    return mark_held_triggered(db, found, now);
  auto& trigger = db.query<trigger_up_to>();
  trigger.now = micros(now);
  trigger.last.set(found.back());
  trigger.sql.post();
  auto& forget = db.query<delete_up_to>();
  forget.last.set(found.back());
  forget.sql.post();
}

} // namespace penstock::storage
