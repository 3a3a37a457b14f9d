#include "core/schedule_rule.hpp"
#include "gateway/render.hpp"

namespace penstock::gateway {
namespace {

constexpr std::size_t times_shown = 5;
constexpr std::string_view interval_prefix = "every ";

void render_catch_up(json_writer& out, duration window) {
  if (window == duration{0})
    out.null();
  else
    out.milliseconds(window); // no_catch_up is less than a millisecond: 0
}

void render_ids(json_writer& out, const std::vector<job_id>& ids) {
  out.begin_array();
  for (const auto id : ids)
    out.id(id);
  out.end_array();
}

} // namespace

void render(json_writer& out, const schedule& value, timestamp now) {
  const std::string_view rule = value.rule;
  const bool repeats = rule.starts_with(interval_prefix);
  out.begin_object();
  out.key("name").text(value.name).key(repeats ? "every" : "cron");
  out.text(repeats ? rule.substr(interval_prefix.size()) : rule);
  out.key("time_zone").text(value.time_zone).key("weekdays");
  if (value.weekdays == every_weekday) {
    out.null();
  } else {
    out.begin_array();
    for (std::size_t day = 0; day < weekday_names.size(); ++day)
      if (value.weekdays >> day & 1)
        out.text(weekday_names[day]);
    out.end_array();
  }
  out.key("kind").text(value.kind).key("args").raw(value.args);
  out.key("queue").text_or_null(value.queue).key("more_jobs").begin_array();
  for (const auto& job : value.more_jobs)
    out.begin_object()
      .key("kind")
      .text(job.kind)
      .key("args")
      .raw(job.args)
      .key("queue")
      .text_or_null(job.queue)
      .end_object();
  out.end_array().key("enabled").boolean(value.enabled).key("overlap").text(to_string(value.overlap));
  out.key("catch_up_ms");
  render_catch_up(out, value.catch_up);
  out.key("jitter_ms").milliseconds(value.jitter).key("stagger_ms").milliseconds(value.stagger);
  out.key("last_fired_at").time(value.last_fired_at).key("last_outcome");
  out.text_or_null(value.last_outcome ? to_string(*value.last_outcome) : std::string_view{});
  out.key("next_runs").begin_array();
  if (value.enabled)
    if (const auto parsed = rule_of(value))
      for (const auto moment : parsed->occurrences(now, timestamp::max(), times_shown))
        out.time(moment);
  out.end_array().key("declared").boolean(value.declared).key("edited").boolean(value.edited != 0);
  out.key("created_at").time(value.created_at).end_object();
}

void render(json_writer& out, const schedule_occurrence& value) {
  out.begin_object().key("at").time(value.at).key("outcome").text(to_string(value.outcome));
  out.key("reason").text(to_string(value.reason)).key("job_ids");
  render_ids(out, value.jobs);
  out.key("note").text_or_null(value.note).key("decided_at").time(value.decided_at).end_object();
}

void render(json_writer& out, const schedule_firing& value) {
  out.begin_object().key("schedule").text(value.name).key("at").time(value.at);
  out.key("outcome").text(to_string(value.outcome)).key("job_ids");
  render_ids(out, value.jobs);
  out.key("note").text_or_null(value.note).end_object();
}

} // namespace penstock::gateway
