#include "storage/integration_changes.hpp"

#include <string>

#include "core/id_text.hpp"
#include "storage/access_changes.hpp"
#include "storage/due_rows.hpp"
#include "storage/integration_rows.hpp"
#include "storage/statement.hpp"
#include "storage/webhook_changes.hpp"

namespace penstock::storage {
namespace {

auto no_integration(integration_id id) {
  return failure(error_code::not_found, "there is no integration " + to_string(id));
}

auto run_is_live(integration_id id) {
  return failure(error_code::conflict,
                 "a run of integration " + to_string(id) + " is live: cancel it or wait for its end");
}

result<integration_schedule_state> beginning(const integration_schedule_state& wanted, timestamp now) {
  if (wanted.frequency < duration{0})
    return failure(error_code::invalid_argument, "an update frequency is zero (none) or positive");
  auto state = connected(wanted.frequency, now);
  switch (wanted.status) {
    case integration_status::idle: return state;
    case integration_status::paused: return paused(state);
    case integration_status::requires_reauth:
      state.status = integration_status::requires_reauth;
      state.next_due_at = no_time;
      return state;
    default:
      return failure(error_code::invalid_argument, "an integration begins idle, paused or requires_reauth, not " +
                                                     std::string{to_string(wanted.status)});
  }
}

/// A person's act changes what the open run's end leads to, not that it is open: nothing starts beside it.
void keep_open_run(integration& value) {
  if (value.live_run && value.schedule.status != integration_status::paused &&
      value.schedule.status != integration_status::disconnected &&
      value.schedule.status != integration_status::requires_reauth) {
    value.schedule.status = integration_status::processing;
    value.schedule.next_due_at = no_time;
  }
}

result<void> require_consent(change_context& context, integration& value, const std::string& reason) {
  const bool is_news = value.schedule.status != integration_status::requires_reauth;
  if (value.schedule.status == integration_status::disconnected)
    return {}; // nobody waits for its consent
  value.schedule.status = integration_status::requires_reauth;
  value.schedule.next_due_at = no_time;
  value.last_error = reason;
  if (is_news)
    context.effects.raise(integration_event("integration.requires_reauth", value, reason));
  return {};
}

/// The open run's failures for want of consent are settled: its end asks nobody a second time.
struct forget_lost_consent {
  std::int64_t run = 0;
  statement sql;
  explicit forget_lost_consent(session& db)
      : sql(db, "forget lost consent",
            "UPDATE runs SET error = CASE WHEN reauth = 2 THEN NULL ELSE error END, reauth = 0 "
            "WHERE id = :run AND state = 0 AND reauth <> 0") {
    sql.in(run);
  }
};

result<void> act(change_context& context, integration& value, const act_on_integration& change) {
  const auto take = [&](result<integration_schedule_state> after) -> result<void> {
    if (!after)
      return failure(std::move(after).error());
    value.schedule = *after;
    return {};
  };
  switch (change.action) {
    case integration_action::pause: return take(paused(value.schedule));
    case integration_action::resume: return take(resumed(value.schedule, context.now));
    case integration_action::disconnect: return take(disconnected(value.schedule));
    case integration_action::reauthorised:
      value.last_error.clear();
      if (value.live_run) {
        auto& forget = context.db.query<forget_lost_consent>();
        forget.run = value.live_run.value;
        forget.sql.run();
      }
      context.effects.raise(integration_event("integration.connected", value));
      return take(reauthorised(value.schedule, context.now));
    case integration_action::requires_reauth: return require_consent(context, value, change.reason);
  }
  return failure(error_code::invalid_argument, "unknown action on an integration");
}

struct open_jobs {
  std::int64_t integration = 0, id = 0;
  statement sql;
  explicit open_jobs(session& db)
      : sql(db, "open jobs of integration",
            "SELECT id FROM jobs WHERE integration_id = :integration AND state < 3 AND NOT EXISTS (SELECT 1 FROM "
            "plain_ends e WHERE e.job_id = jobs.id) ORDER BY id") {
    sql.in(integration).out(id);
  }
};

void cancel_open_jobs(change_context& context, integration_id id) {
  std::vector<job_id> found;
  auto& query = context.db.query<open_jobs>();
  query.integration = id.value;
  for (bool row = query.sql.first(); row; row = query.sql.next())
    found.push_back({query.id});
  // Untold one by one: it is the removal that happened, not thousands of cancellations.
  for (const auto each : found)
    context.effects.cancel(each, "the integration was removed", false);
}

void delete_where(change_context& context, const std::string& table, const std::string& condition, integration_id id) {
  statement sql(context.db, "remove integration", "DELETE FROM " + table + " WHERE " + condition);
  std::int64_t value = id.value;
  sql.in(value);
  sql.run();
}

struct reset_one {
  std::int64_t integration = 0, now = 0;
  std::string stream, cursor;
  statement sql;
  explicit reset_one(session& db)
      : sql(db, "reset cursor",
            "INSERT INTO stream_cursors (integration_id, stream, cursor, run_id, page, gap, updated_at) "
            "VALUES (:integration, :stream, :cursor, NULL, 0, NULL, :now) ON CONFLICT (integration_id, stream) "
            "DO UPDATE SET cursor = excluded.cursor, run_id = NULL, page = 0, gap = NULL, updated_at = "
            "excluded.updated_at") {
    sql.in(integration).in(stream).in(cursor).in(now);
  }
};

/// Back to the beginning.
struct reset_named {
  std::int64_t integration = 0, now = 0;
  std::string stream;
  statement sql;
  explicit reset_named(session& db)
      : sql(db, "reset cursor to the beginning",
            "UPDATE stream_cursors SET cursor = '', run_id = NULL, page = 0, gap = NULL, updated_at = :now "
            "WHERE integration_id = :integration AND stream = :stream") {
    sql.in(now).in(integration).in(stream);
  }
};

struct reset_all {
  std::int64_t integration = 0, now = 0;
  std::string cursor;
  statement sql;
  explicit reset_all(session& db)
      : sql(db, "reset cursors",
            "UPDATE stream_cursors SET cursor = :cursor, run_id = NULL, page = 0, gap = NULL, updated_at = :now "
            "WHERE integration_id = :integration") {
    sql.in(cursor).in(now).in(integration);
  }
};

} // namespace

result<void> apply(change_context& context, const add_integration& change) {
  auto value = change.value;
  auto begins = beginning(value.schedule, context.now);
  if (!begins)
    return failure(std::move(begins).error());
  if (!value.id)
    value.id = context.ids.make<integration_id>();
  else if (find_integration_row(context.db, value.id))
    return failure(error_code::conflict, "there is an integration " + to_string(value.id) + " already");
  if (auto known = require_organisation(context.db, value.organisation); !known)
    return known;
  value.schedule = *begins;
  value.live_run = {};
  value.created_at = value.updated_at = context.now;
  insert_integration_row(context.db, value);
  context.result.created.push_back(value.id.value);
  // One that waits for its consent is connected when it has it.
  if (value.schedule.status == integration_status::idle)
    context.effects.raise(integration_event("integration.connected", value));
  return {};
}

result<void> apply(change_context& context, const edit_integration& change) {
  auto value = find_integration_row(context.db, change.id);
  if (!value)
    return no_integration(change.id);
  if (change.expected_version && *change.expected_version != value->version)
    return failure(error_code::precondition_failed,
                   "integration " + to_string(change.id) + " was edited meanwhile: read it again");
  ++value->version;
  if (change.name)
    value->name = *change.name;
  if (change.config)
    value->config = *change.config;
  if (change.frequency) {
    if (*change.frequency < duration{0})
      return failure(error_code::invalid_argument, "an update frequency is zero (none) or positive");
    value->schedule = with_frequency(value->schedule, *change.frequency, context.now);
  }
  value->updated_at = context.now;
  update_integration_row(context.db, *value);
  return {};
}

result<void> apply(change_context& context, const act_on_integration& change) {
  auto value = find_integration_row(context.db, change.id);
  if (!value)
    return no_integration(change.id);
  if (auto acted = act(context, *value, change); !acted)
    return acted;
  keep_open_run(*value);
  value->updated_at = context.now;
  update_integration_row(context.db, *value);
  return {};
}

result<void> apply(change_context& context, const remove_integration& change) {
  const auto value = find_integration_row(context.db, change.id);
  if (!value)
    return no_integration(change.id);
  if (value->live_run)
    return run_is_live(change.id);
  cancel_open_jobs(context, change.id);
  delete_where(context, "stream_cursors", "integration_id = :id", change.id);
  delete_where(context, "credentials", "integration_id = :id", change.id);
  delete_where(context, "run_streams", "run_id IN (SELECT id FROM runs WHERE integration_id = :id)", change.id);
  delete_where(context, "row_errors", "integration_id = :id", change.id);
  // Of row_errors once more: a node of the former version, beside this one, names no integration.
  for (const auto* table : {"row_errors", "run_tables", "run_differences"})
    delete_where(context, table, "run_id IN (SELECT id FROM runs WHERE integration_id = :id)", change.id);
  delete_where(context, "runs", "integration_id = :id", change.id);
  if (change.rows)
    for (const auto& table : context.tables)
      if (!table.append_only) // such rows belong to no integration
        delete_where(context, table.name, "integration_id = :id", change.id);
  remove_webhook_address(context.db, change.id);
  forget_due(context.db, change.id);
  delete_where(context, "integrations", "id = :id", change.id);
  return {};
}

result<void> apply(change_context& context, const reset_cursor& change) {
  auto value = find_integration_row(context.db, change.integration);
  if (!value)
    return no_integration(change.integration);
  if (value->live_run)
    return run_is_live(change.integration);
  if (change.stream.empty()) {
    auto& query = context.db.query<reset_all>();
    query.integration = change.integration.value;
    query.cursor = change.cursor;
    query.now = micros(context.now);
    query.sql.run();
  } else if (change.cursor.empty()) {
    auto& query = context.db.query<reset_named>();
    query.integration = change.integration.value;
    query.stream = change.stream;
    query.now = micros(context.now);
    if (query.sql.run() == 0)
      return failure(error_code::not_found, "integration " + to_string(change.integration) + " has no stream '" +
                                              change.stream + "' that was ever synced");
  } else {
    auto& query = context.db.query<reset_one>();
    query.integration = change.integration.value;
    query.stream = change.stream;
    query.cursor = change.cursor;
    query.now = micros(context.now);
    query.sql.run();
  }
  // Who resets wants it read again: not after a frequency's time.
  if (value->schedule.next_due_at != no_time) {
    value->schedule.next_due_at = context.now;
    value->updated_at = context.now;
    update_integration_row(context.db, *value);
  }
  return {};
}

} // namespace penstock::storage
