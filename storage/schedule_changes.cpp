#include "storage/schedule_changes.hpp"

#include <string>

#include "core/schedule_rule.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

auto no_schedule(const std::string& name) {
  return failure(error_code::not_found, "there is no schedule '" + name + "'");
}

struct upsert_schedule {
  std::string name, rule, time_zone, kind, args;
  nullable<std::string> queue;
  std::int64_t enabled = 0, catch_up_us = 0, created_at = 0;
  nullable<std::int64_t> last_fired_at;
  statement sql;
  explicit upsert_schedule(session& db)
      : sql(db, "put schedule",
            "INSERT INTO schedules (name, rule, time_zone, kind, args, queue, enabled, catch_up_us, last_fired_at, "
            "created_at) VALUES (:name, :rule, :time_zone, :kind, :args, :queue, :enabled, :catch_up, :last_fired, "
            ":created_at) ON CONFLICT (name) DO UPDATE SET rule = excluded.rule, time_zone = excluded.time_zone, "
            "kind = excluded.kind, args = excluded.args, queue = excluded.queue, "
            "catch_up_us = excluded.catch_up_us") {
    sql.in(name).in(rule).in(time_zone).in(kind).in(args).in(queue).in(enabled).in(catch_up_us).in(last_fired_at);
    sql.in(created_at);
  }
};

struct delete_schedule {
  std::string name;
  statement sql;
  explicit delete_schedule(session& db) : sql(db, "remove schedule", "DELETE FROM schedules WHERE name = :name") {
    sql.in(name);
  }
};

struct switch_schedule {
  std::string name;
  std::int64_t enabled = 0;
  statement sql;
  explicit switch_schedule(session& db)
      : sql(db, "enable schedule", "UPDATE schedules SET enabled = :enabled WHERE name = :name") {
    sql.in(enabled).in(name);
  }
};

/// One statement compares and sets: of two leaders one changes a row.
struct set_last_fired {
  std::string name;
  std::int64_t occurrence = 0, expected = 0;
  statement sql;
  explicit set_last_fired(session& db)
      : sql(db, "fire schedule",
            "UPDATE schedules SET last_fired_at = :occurrence WHERE name = :name AND enabled = 1 "
            "AND COALESCE(last_fired_at, 0) = :expected") {
    sql.in(occurrence).in(name).in(expected);
  }
};

struct find_schedule {
  std::string name;
  std::int64_t enabled = 0;
  statement sql;
  explicit find_schedule(session& db) : sql(db, "find schedule", "SELECT enabled FROM schedules WHERE name = :name") {
    sql.in(name).out(enabled);
  }
};

result<void> check(const change_context& context, const schedule& value) {
  if (value.name.empty())
    return failure(error_code::invalid_argument, "a schedule needs a name");
  if (auto rule = schedule_rule::parse(value.rule, value.time_zone); !rule)
    return failure(error_code::invalid_argument, "schedule '" + value.name + "': " + rule.error().message);
  if (!context.kinds.find(value.kind))
    return failure(error_code::invalid_argument,
                   "schedule '" + value.name + "' makes jobs of the unknown kind '" + value.kind + "'");
  if (value.catch_up < duration{0})
    return failure(error_code::invalid_argument, "schedule '" + value.name + "': a catch-up window is not negative");
  return {};
}

} // namespace

result<void> apply(change_context& context, const put_schedule& change) {
  const auto& value = change.value;
  if (auto fine = check(context, value); !fine)
    return fine;
  auto& query = context.db.query<upsert_schedule>();
  query.name = value.name;
  query.rule = value.rule;
  query.time_zone = value.time_zone.empty() ? "UTC" : value.time_zone;
  query.kind = value.kind;
  query.args = value.args;
  query.queue.set_or_null(value.queue);
  query.enabled = value.enabled ? 1 : 0;
  query.catch_up_us = value.catch_up.count();
  set_moment(query.last_fired_at, value.last_fired_at);
  query.created_at = micros(context.now);
  query.sql.run();
  return {};
}

result<void> apply(change_context& context, const remove_schedule& change) {
  auto& query = context.db.query<delete_schedule>();
  query.name = change.name;
  if (query.sql.run() == 0)
    return no_schedule(change.name);
  return {};
}

result<void> apply(change_context& context, const enable_schedule& change) {
  auto& query = context.db.query<switch_schedule>();
  query.name = change.name;
  query.enabled = change.enabled ? 1 : 0;
  if (query.sql.run() == 0)
    return no_schedule(change.name);
  return {};
}

result<void> apply(change_context& context, const fire_schedule& change) {
  if (change.occurrence == no_time || (change.expected_last != no_time && change.occurrence <= change.expected_last))
    return failure(error_code::conflict, "schedule '" + change.name + "' fired later than that already");
  auto& query = context.db.query<set_last_fired>();
  query.name = change.name;
  query.occurrence = micros(change.occurrence);
  query.expected = micros(change.expected_last);
  if (query.sql.run() == 1)
    return {};
  auto& found = context.db.query<find_schedule>();
  found.name = change.name;
  if (!found.sql.one())
    return no_schedule(change.name);
  return failure(error_code::conflict, found.enabled == 0 ? "schedule '" + change.name + "' is disabled"
                                                          : "schedule '" + change.name + "' fired meanwhile");
}

} // namespace penstock::storage
