#include "storage/schedule_rows.hpp"

#include <charconv>

#include <boost/json.hpp>

namespace penstock::storage {
namespace {

namespace json = boost::json;

std::string jobs_text(const std::vector<schedule_job>& jobs) {
  if (jobs.empty())
    return {};
  json::array all;
  for (const auto& job : jobs)
    all.push_back(json::object{{"kind", job.kind}, {"args", job.args}, {"queue", job.queue}});
  return json::serialize(all);
}

std::vector<schedule_job> jobs_of_text(const std::string& text) {
  std::vector<schedule_job> jobs;
  if (text.empty())
    return jobs;
  const auto all = json::parse(text);
  for (const auto& each : all.as_array())
    jobs.push_back({std::string(each.at("kind").as_string()), std::string(each.at("args").as_string()),
                    std::string(each.at("queue").as_string())});
  return jobs;
}

struct find_row {
  std::string name;
  schedule_columns row;
  statement sql;
  find_row(session& db, const std::string& end)
      : sql(db, "find schedule",
            std::string{"SELECT "} + schedule_columns::names + " FROM schedules WHERE name = :wanted" + end) {
    sql.in(name);
    row.bind(sql);
  }
  std::optional<schedule> look_up(const std::string& wanted) {
    name = wanted;
    return sql.one() ? std::optional{row.value()} : std::nullopt;
  }
};
struct read_row : find_row {
  explicit read_row(session& db) : find_row(db, "") {}
};
struct hold_row : find_row {
  explicit hold_row(session& db) : find_row(db, db.sql_dialect().for_update()) {}
};

/// What a change may write, as parameters.
struct changing_columns {
  std::string rule, time_zone, kind, args, name;
  nullable<std::string> queue, more_jobs;
  std::int64_t enabled = 0, catch_up_us = 0, overlap = 0, weekdays = 0, jitter_us = 0, stagger_us = 0,
               effective_from = 0, edited = 0, declared = 0, version = 1;

  void bind(statement& sql) {
    sql.in(rule).in(time_zone).in(kind).in(args).in(queue).in(enabled).in(catch_up_us).in(overlap).in(weekdays);
    sql.in(jitter_us).in(stagger_us).in(more_jobs).in(effective_from).in(edited).in(declared).in(version).in(name);
  }
  void set(const schedule& value);
};

struct insert_row {
  changing_columns changing;
  std::int64_t created_at = 0;
  nullable<std::int64_t> last_fired_at;
  statement sql;
  explicit insert_row(session& db)
      : sql(db, "add schedule",
            "INSERT INTO schedules (rule, time_zone, kind, args, queue, enabled, catch_up_us, overlap, weekdays, "
            "jitter_us, stagger_us, more_jobs, effective_from, edited, declared, version, name, created_at, "
            "last_fired_at) "
            "VALUES (:rule, :time_zone, :kind, :args, :queue, :enabled, :catch_up, :overlap, :weekdays, :jitter, "
            ":stagger, :more_jobs, :effective_from, :edited, :declared, :version, :name, :created_at, :last_fired) "
            "ON CONFLICT (name) DO NOTHING") {
    changing.bind(sql);
    sql.in(created_at).in(last_fired_at);
  }
};

struct update_row {
  changing_columns changing;
  statement sql;
  explicit update_row(session& db)
      : sql(db, "change schedule",
            "UPDATE schedules SET rule = :rule, time_zone = :time_zone, kind = :kind, args = :args, queue = :queue, "
            "enabled = :enabled, catch_up_us = :catch_up, overlap = :overlap, weekdays = :weekdays, "
            "jitter_us = :jitter, stagger_us = :stagger, more_jobs = :more_jobs, effective_from = :effective_from, "
            "edited = :edited, declared = :declared, version = :version WHERE name = :name") {
    changing.bind(sql);
  }
};

void changing_columns::set(const schedule& value) {
  name = value.name;
  rule = value.rule;
  time_zone = value.time_zone;
  kind = value.kind;
  args = value.args;
  queue.set_or_null(value.queue);
  enabled = value.enabled ? 1 : 0;
  catch_up_us = value.catch_up.count();
  overlap = static_cast<std::int64_t>(value.overlap);
  weekdays = value.weekdays;
  jitter_us = value.jitter.count();
  stagger_us = value.stagger.count();
  more_jobs.set_or_null(jobs_text(value.more_jobs));
  effective_from = micros(value.effective_from);
  edited = value.edited;
  declared = value.declared ? 1 : 0;
  version = value.version;
}

} // namespace

void schedule_columns::bind(statement& sql) {
  sql.out(found_.name).out(found_.rule).out(found_.time_zone).out(found_.kind).out(found_.args).out(queue_);
  sql.out(enabled_).out(catch_up_us_).out(last_fired_at_).out(created_at_).out(overlap_).out(weekdays_);
  sql.out(jitter_us_).out(stagger_us_).out(more_jobs_).out(effective_from_).out(last_outcome_).out(edited_);
  sql.out(declared_).out(version_);
}

schedule schedule_columns::value() const {
  schedule one = found_;
  one.queue = queue_.value_or("");
  one.enabled = enabled_ != 0;
  one.catch_up = duration{catch_up_us_};
  one.last_fired_at = moment_or_none(last_fired_at_);
  one.created_at = moment(created_at_);
  one.overlap = static_cast<overlap_policy>(overlap_);
  one.weekdays = static_cast<weekday_set>(weekdays_);
  one.jitter = duration{jitter_us_};
  one.stagger = duration{stagger_us_};
  one.more_jobs = jobs_of_text(more_jobs_.value_or(""));
  one.effective_from = moment(effective_from_);
  if (last_outcome_.has_value())
    one.last_outcome = static_cast<firing_outcome>(last_outcome_.value);
  one.edited = static_cast<std::uint32_t>(edited_);
  one.declared = declared_ != 0;
  one.version = version_;
  return one;
}

std::optional<schedule> find_schedule_row(session& db, const std::string& name) {
  return db.query<read_row>().look_up(name);
}

std::optional<schedule> hold_schedule_row(session& db, const std::string& name) {
  return db.query<hold_row>().look_up(name);
}

bool insert_schedule_row(session& db, const schedule& value) {
  auto& query = db.query<insert_row>();
  query.changing.set(value);
  query.created_at = micros(value.created_at);
  set_moment(query.last_fired_at, value.last_fired_at);
  return query.sql.run() == 1;
}

void update_schedule_row(session& db, const schedule& value) {
  auto& query = db.query<update_row>();
  query.changing.set(value);
  query.sql.run();
}

std::string ids_text(const std::vector<job_id>& ids) {
  std::string text;
  for (const auto id : ids)
    text += (text.empty() ? "" : ",") + std::to_string(id.value);
  return text;
}

std::vector<job_id> ids_of_text(const std::string& text) {
  std::vector<job_id> ids;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    std::int64_t id = 0;
    const auto [stop, problem] = std::from_chars(at, end, id);
    if (problem != std::errc{})
      break;
    ids.push_back({id});
    at = stop + 1;
  }
  return ids;
}

} // namespace penstock::storage
