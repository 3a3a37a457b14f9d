#include "gateway/schedule_body.hpp"

#include <algorithm>
#include <array>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "gateway/render.hpp"

namespace penstock::gateway {
namespace {

namespace json = boost::json;

constexpr std::int64_t longest_delay_ms = 7LL * 24 * 3600 * 1000;
constexpr std::int64_t longest_catch_up_ms = 366LL * 24 * 3600 * 1000;
constexpr std::size_t longest_rule = 1024;

std::optional<duration> milliseconds(body_reader& body, std::string_view name, std::int64_t most) {
  const auto value = body.integer(name, 0, most);
  return value ? std::optional<duration>(std::chrono::milliseconds(*value)) : std::nullopt;
}

std::optional<std::string> rule(body_reader& body) {
  const auto cron = body.text("cron", longest_rule);
  const auto every = body.text("every");
  if (cron && every)
    body.refuse("give 'cron' or 'every', not both");
  if (every)
    return "every " + *every;
  if (cron && cron->starts_with("every"))
    body.refuse("cron takes an expression such as 30 2 * * *; an interval such as 5 m goes into 'every'");
  return cron;
}

std::optional<weekday_set> weekdays(body_reader& body) {
  const auto* given = body.array("weekdays");
  if (!given)
    return body.is_null("weekdays") ? std::optional(every_weekday) : std::nullopt;
  weekday_set set = 0;
  for (const auto& each : *given) {
    const auto* text = each.if_string();
    const auto found =
      text ? std::find(weekday_names.begin(), weekday_names.end(), std::string_view(text->data(), text->size()))
           : weekday_names.end();
    if (found == weekday_names.end()) {
      body.refuse("weekdays is a list of sun, mon, tue, wed, thu, fri, sat");
      return std::nullopt;
    }
    set = static_cast<weekday_set>(set | 1 << (found - weekday_names.begin()));
  }
  if (set == 0)
    body.refuse("weekdays names no day: leave it out for all of them, or disable the schedule");
  return set;
}

std::optional<std::vector<schedule_job>> more_jobs(body_reader& body) {
  const auto* given = body.array("more_jobs");
  if (!given)
    return body.is_null("more_jobs") ? std::optional(std::vector<schedule_job>{}) : std::nullopt;
  std::vector<schedule_job> jobs;
  for (const auto& each : *given) {
    body_reader one(json::serialize(each));
    schedule_job job{one.text("kind").value_or(""), one.object("args").value_or("{}"), one.text("queue").value_or("")};
    if (job.kind.empty())
      one.refuse("kind is missing: name the kind of job");
    if (const auto problem = one.problem()) {
      body.refuse("more_jobs: " + problem->message);
      return std::nullopt;
    }
    jobs.push_back(std::move(job));
  }
  return jobs;
}

} // namespace

edit_schedule read_schedule_fields(body_reader& body) {
  edit_schedule fields;
  fields.rule = rule(body);
  fields.time_zone = body.text("time_zone");
  fields.kind = body.text("kind");
  fields.args = body.object("args");
  fields.enabled = body.boolean("enabled");
  if (const auto name = body.text("overlap")) {
    fields.overlap = parse_overlap_policy(*name);
    if (!fields.overlap)
      body.refuse("overlap is skip, queue_one, queue_all, cancel_running or allow");
  }
  fields.weekdays = weekdays(body);
  fields.catch_up = milliseconds(body, "catch_up_ms", longest_catch_up_ms);
  if (fields.catch_up == duration{0})
    fields.catch_up = no_catch_up;
  else if (body.is_null("catch_up_ms"))
    fields.catch_up = duration{0};
  fields.jitter = milliseconds(body, "jitter_ms", longest_delay_ms);
  fields.stagger = milliseconds(body, "stagger_ms", longest_delay_ms);
  fields.more_jobs = more_jobs(body);
  return fields;
}

schedule read_new_schedule(body_reader& body) {
  schedule made;
  made.name = body.text("name", 128).value_or("");
  made.queue = body.text("queue").value_or("");
  auto fields = read_schedule_fields(body);
  if (made.name.empty())
    body.refuse("name is missing");
  if (made.name == "preview")
    body.refuse("name: 'preview' is an address of its own, take another");
  if (!fields.rule)
    body.refuse("cron is missing: give an expression such as 30 2 * * *, or every: \"5 m\"");
  if (!fields.kind)
    body.refuse("kind is missing: name the kind of job");
  made.rule = fields.rule.value_or("");
  made.time_zone = fields.time_zone.value_or("UTC");
  made.kind = fields.kind.value_or("");
  made.args = fields.args.value_or("{}");
  made.enabled = fields.enabled.value_or(true);
  made.overlap = fields.overlap.value_or(overlap_policy::skip);
  made.weekdays = fields.weekdays.value_or(every_weekday);
  made.catch_up = fields.catch_up.value_or(duration{0});
  made.jitter = fields.jitter.value_or(duration{0});
  made.stagger = fields.stagger.value_or(duration{0});
  made.more_jobs = fields.more_jobs.value_or(std::vector<schedule_job>{});
  return made;
}

} // namespace penstock::gateway
