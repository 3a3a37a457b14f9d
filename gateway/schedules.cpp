#include "core/rfc3339.hpp"
#include "core/schedule_rule.hpp"
#include "gateway/api_tables.hpp"
#include "gateway/list_page.hpp"
#include "gateway/query_reader.hpp"
#include "gateway/render.hpp"
#include "gateway/replies.hpp"
#include "gateway/service_desk.hpp"

namespace penstock::gateway {
namespace {

constexpr std::int64_t times_in_preview = 5;
/// More than a year of every half hour.
constexpr std::int64_t most_times_in_preview = 20'000;

/// By name.
answer list(service_desk& desk, call& one) {
  query_reader query(one.request);
  const auto page = query.page();
  if (auto problem = query.problem())
    co_return failure(std::move(*problem));
  auto read = [](storage::read_session& db) { return db.schedules().all(); };
  auto found = co_await desk.port.read(std::move(read));
  if (!found)
    co_return failure(std::move(found.error()));
  const auto name_of = [](const schedule& each) -> auto& { return each.name; };
  const auto named = page_by_name(std::move(*found), page, name_of);
  const auto now = desk.clock.now();
  co_return json_reply(render_list(named.items, named.next_cursor,
                                   [now](json_writer& out, const schedule& each) { render(out, each, now); }));
}

/// Firings of any rule, stored or not: in UTC, and as the clocks of its zone show them.
answer preview(service_desk& desk, call& one) {
  query_reader query(one.request);
  const auto text = query.text("cron");
  const auto zone = query.text("tz");
  auto from = query.time("from");
  const auto until = query.time("until");
  const auto count = query.integer("count", 1, most_times_in_preview).value_or(times_in_preview);
  if (text.empty())
    query.refuse("cron is missing: give an expression such as 30 2 * * *, or every 5 m");
  if (auto problem = query.problem())
    co_return failure(std::move(*problem));
  const auto rule = schedule_rule::parse(text, zone);
  if (!rule)
    co_return failure(rule.error());
  if (from == no_time)
    from = desk.clock.now();
  json_writer out;
  out.begin_object().key("rule").text(rule->text()).key("time_zone").text(rule->zone().name());
  out.key("items").begin_array();
  for (const auto moment :
       rule->occurrences(from, until == no_time ? timestamp::max() : until, static_cast<std::size_t>(count)))
    out.begin_object()
      .key("at")
      .time(moment)
      .key("local")
      .text(format_rfc3339(moment, rule->zone().offset_at(moment)))
      .end_object();
  out.end_array().key("next_cursor").null().end_object();
  co_return json_reply(out);
}

answer show(service_desk& desk, call& one) {
  auto read = [name = one.id()](storage::read_session& db) { return db.schedules().find(name); };
  const auto found = co_await desk.port.read(std::move(read));
  if (!found)
    co_return failure(found.error());
  json_writer out;
  render(out, *found, desk.clock.now());
  co_return with_version_of(json_reply(out), found->version);
}

/// What became of its occurrences, the latest first.
answer occurrences(service_desk& desk, call& one) {
  query_reader query(one.request);
  const auto page = query.page();
  if (auto problem = query.problem())
    co_return failure(std::move(*problem));
  using occurrence_page = storage::page_of<schedule_occurrence>;
  auto read = [name = one.id(), page](storage::read_session& db) -> result<occurrence_page> {
    if (auto known = db.schedules().find(name); !known)
      return failure(std::move(known.error()));
    return db.schedules().occurrences(name, page);
  };
  const auto found = co_await desk.port.read(std::move(read));
  if (!found)
    co_return failure(found.error());
  co_return json_reply(render_list(found->items, found->next_cursor,
                                   [](json_writer& out, const schedule_occurrence& each) { render(out, each); }));
}

} // namespace

std::span<const route> schedule_routes() {
  static constexpr route table[] = {
    {"GET", "/api/v1/schedules", access_level::viewer, list, with_query},
    {"GET", "/api/v1/schedules/preview", access_level::viewer, preview, with_query},
    {"GET", "/api/v1/schedules/{name}", access_level::viewer, show},
    {"GET", "/api/v1/schedules/{name}/occurrences", access_level::viewer, occurrences, with_query},
  };
  return table;
}

} // namespace penstock::gateway
