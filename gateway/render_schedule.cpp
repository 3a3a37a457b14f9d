#include "core/schedule_rule.hpp"
#include "gateway/render.hpp"

namespace penstock::gateway {
namespace {

constexpr std::size_t times_shown = 5;
constexpr std::string_view interval_prefix = "every ";

} // namespace

void render(json_writer& out, const schedule& value, timestamp now) {
  const std::string_view rule = value.rule;
  const bool repeats = rule.starts_with(interval_prefix);
  out.begin_object();
  out.key("name").text(value.name).key(repeats ? "every" : "cron");
  out.text(repeats ? rule.substr(interval_prefix.size()) : rule);
  out.key("time_zone").text(value.time_zone).key("kind").text(value.kind).key("args").raw(value.args);
  out.key("queue").text_or_null(value.queue).key("enabled").boolean(value.enabled);
  // The one policy there is: a firing does not ask what became of the one before it.
  out.key("overlap").text("allow").key("catch_up_ms");
  out.milliseconds_or_null(value.catch_up > duration{0} ? std::optional<duration>(value.catch_up) : std::nullopt);
  out.key("last_fired_at").time(value.last_fired_at).key("next_runs").begin_array();
  if (value.enabled)
    if (const auto parsed = schedule_rule::parse(value.rule, value.time_zone))
      for (const auto moment : parsed->occurrences(now, timestamp::max(), times_shown))
        out.time(moment);
  out.end_array().key("created_at").time(value.created_at).end_object();
}

} // namespace penstock::gateway
