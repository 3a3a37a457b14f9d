#include "storage/integration_rows.hpp"

#include <string>

#include <boost/json.hpp>

#include "core/id_text.hpp"
#include "storage/due_rows.hpp"
#include "storage/integration_columns.hpp"

namespace penstock::storage {
namespace {

struct find_row {
  std::int64_t id = 0;
  integration_columns row;
  statement sql;
  explicit find_row(session& db)
      : sql(db, "find integration",
            std::string{"SELECT "} + integration_columns::names + " FROM " + integration_columns::source +
              " WHERE i.id = :id") {
    sql.in(id);
    row.bind(sql);
  }
};

/// A statement of its own: one that waited for the lock would see the row beside it as it was before the wait.
struct lock_row {
  std::int64_t id = 0, found = 0;
  statement sql;
  explicit lock_row(session& db)
      : sql(db, "lock integration", "SELECT id FROM integrations WHERE id = :id" + db.sql_dialect().for_update()) {
    sql.in(id).out(found);
  }
};

/// The columns that change, as parameters.
struct changing_columns {
  std::string name, config;
  std::int64_t status = 0, frequency_us = 0, failures = 0, updated_at = 0, version = 1;
  nullable<std::int64_t> triggered, succeeded, due, live_run;
  nullable<std::string> last_error;

  void bind(statement& sql) {
    sql.in(name).in(config).in(status).in(frequency_us).in(triggered).in(succeeded).in(failures).in(due).in(live_run);
    sql.in(last_error).in(updated_at).in(version);
  }
  void set(const integration& value) {
    name = value.name;
    config = value.config;
    status = static_cast<std::int64_t>(value.schedule.status);
    frequency_us = value.schedule.frequency.count();
    set_moment(triggered, value.schedule.last_triggered_at);
    set_moment(succeeded, value.schedule.last_successful_update_at);
    failures = value.schedule.consecutive_failures;
    set_moment(due, value.schedule.next_due_at);
    live_run.set_or_null(value.live_run.value);
    last_error.set_or_null(value.last_error);
    updated_at = micros(value.updated_at);
    version = value.version;
  }
};

struct insert_row {
  changing_columns changing;
  std::int64_t id = 0, created_at = 0;
  std::string service;
  nullable<std::int64_t> organisation;
  nullable<std::string> owner;
  statement sql;
  explicit insert_row(session& db)
      : sql(
          db, "insert integration",
          "INSERT INTO integrations (name, config, status, frequency_us, last_triggered_at, last_successful_update_at, "
          "consecutive_failures, next_due_at, live_run_id, last_error, updated_at, version, id, service, "
          "organisation_id, "
          "owner, "
          "created_at) VALUES (:name, :config, :status, :frequency, :triggered, :succeeded, :failures, :due, "
          ":live_run, "
          ":last_error, :updated_at, :version, :id, :service, :organisation, :owner, :created_at)") {
    changing.bind(sql);
    sql.in(id).in(service).in(organisation).in(owner).in(created_at);
  }
};

struct update_row {
  changing_columns changing;
  std::int64_t id = 0;
  statement sql;
  explicit update_row(session& db)
      : sql(db, "update integration",
            "UPDATE integrations SET name = :name, config = :config, status = :status, frequency_us = :frequency, "
            "last_triggered_at = :triggered, last_successful_update_at = :succeeded, consecutive_failures = :failures, "
            "next_due_at = :due, live_run_id = :live_run, last_error = :last_error, updated_at = :updated_at, "
            "version = :version "
            "WHERE id = :id") {
    changing.bind(sql);
    sql.in(id);
  }
};

} // namespace

std::optional<integration> find_integration_row(session& db, integration_id id) {
  if (db.sql_dialect().shared()) {
    auto& lock = db.query<lock_row>();
    lock.id = id.value;
    if (!lock.sql.one())
      return std::nullopt;
  }
  auto& query = db.query<find_row>();
  query.id = id.value;
  if (!query.sql.one())
    return std::nullopt;
  return query.row.value();
}

void insert_integration_row(session& db, const integration& value) {
  auto& query = db.query<insert_row>();
  query.changing.set(value);
  query.id = value.id.value;
  query.service = value.service;
  query.organisation.set_or_null(value.organisation.value);
  query.owner.set_or_null(value.owner);
  query.created_at = micros(value.created_at);
  query.sql.run();
  store_due(db, value);
}

void update_integration_row(session& db, const integration& value) {
  forget_due(db, value.id);
  auto& query = db.query<update_row>();
  query.changing.set(value);
  query.id = value.id.value;
  query.sql.post();
  store_due(db, value);
}

event_draft integration_event(std::string type, const integration& about, std::string_view reason) {
  boost::json::object data{{"integration_id", to_string(about.id)}, {"service", about.service}, {"name", about.name}};
  if (about.organisation)
    data["organisation_id"] = to_string(about.organisation);
  if (!reason.empty())
    data["reason"] = std::string{reason};
  return {.type = std::move(type),
          .subject = "integrations/" + to_string(about.id),
          .data = boost::json::serialize(data),
          .integration = about.id,
          .organisation = about.organisation};
}

} // namespace penstock::storage
