// What people do with schedules.
#include <algorithm>

#include "core/schedule_rule.hpp"
#include "gateway/api_tables.hpp"
#include "gateway/body_reader.hpp"
#include "gateway/call_commit.hpp"
#include "gateway/render.hpp"
#include "gateway/replies.hpp"
#include "gateway/schedule_body.hpp"
#include "gateway/service_desk.hpp"
#include "net/query.hpp"

namespace penstock::gateway {
namespace {

answer show_schedule(service_desk& desk, const std::string& name, int status) {
  auto read = [name](storage::read_session& db) { return db.schedules().find(name); };
  const auto found = co_await desk.port.read(std::move(read));
  if (!found)
    co_return failure(found.error());
  json_writer out;
  render(out, *found, desk.clock.now());
  co_return with_version_of(json_reply(out, status), found->version);
}

/// For the audit; empty if there is none of that name, which the change itself will say.
net::asio::awaitable<result<std::string>> shown_before(service_desk& desk, const std::string& name) {
  auto read = [name](storage::read_session& db) { return db.schedules().find(name); };
  const auto found = co_await desk.port.read(std::move(read));
  if (!found && found.error().code == error_code::not_found)
    co_return std::string();
  if (!found)
    co_return failure(found.error());
  json_writer out;
  render(out, *found, desk.clock.now());
  co_return out.take();
}

/// Commits one change of a schedule; the scheduler reads it then.
answer change(service_desk& desk, call& one, engine_change wanted, const std::string& name, int status) {
  auto before = co_await shown_before(desk, name);
  if (!before)
    co_return failure(std::move(before.error()));
  unit_of_work unit;
  unit.changes.push_back(std::move(wanted));
  if (status == 201)
    before->clear(); // one of that name is another's: the change is refused
  auto stored = co_await commit_for(desk, one, std::move(unit), std::move(*before));
  if (!stored)
    co_return failure(std::move(stored.error()));
  desk.port.reload_schedules();
  auto reply = co_await show_schedule(desk, name, status);
  co_return reply;
}

answer create(service_desk& desk, call& one) {
  body_reader body(one.request.body);
  auto made = read_new_schedule(body);
  if (auto problem = body.problem())
    co_return failure(std::move(*problem));
  const auto name = made.name;
  one.made = net::percent_encode(name);
  engine_change wanted = add_schedule{std::move(made)};
  auto reply = co_await change(desk, one, std::move(wanted), name, 201);
  co_return reply;
}

answer edit(service_desk& desk, call& one) {
  body_reader body(one.request.body);
  auto fields = read_schedule_fields(body);
  fields.name = one.id();
  fields.expected_version = one.expected_version;
  if (auto problem = body.problem())
    co_return failure(std::move(*problem));
  engine_change wanted = std::move(fields);
  auto reply = co_await change(desk, one, std::move(wanted), one.id(), 200);
  co_return reply;
}

answer remove(service_desk& desk, call& one) {
  auto before = co_await shown_before(desk, one.id());
  if (!before)
    co_return failure(std::move(before.error()));
  unit_of_work unit;
  unit.changes.emplace_back(remove_schedule{one.id()});
  auto stored = co_await commit_for(desk, one, std::move(unit), std::move(*before));
  if (!stored)
    co_return failure(std::move(stored.error()));
  desk.port.reload_schedules();
  co_return no_content();
}

/// Now, whatever its times and whether it is enabled or not; its overlap policy holds, and a skipped one says so.
answer trigger(service_desk& desk, call& one) {
  body_reader body(one.request.body);
  if (auto problem = body.problem())
    co_return failure(std::move(*problem));
  unit_of_work unit;
  unit.changes.emplace_back(fire_schedule{.name = one.id(), .reason = firing_reason::manual});
  auto stored = co_await commit_for(desk, one, std::move(unit));
  if (!stored)
    co_return failure(std::move(stored.error()));
  const auto& firing = stored->firings.front();
  const auto reason = "schedule '" + firing.name + "' was triggered again";
  for (const auto job : firing.to_stop)
    desk.port.cancel_job(job, reason, false);
  for (const auto job : firing.cancelled)
    desk.port.cancel_job(job, reason, true);
  json_writer out;
  render(out, firing);
  co_return json_reply(out, firing.outcome == firing_outcome::skipped ? 200 : 202);
}

struct backfill_range {
  std::size_t in_range = 0;       ///< occurrences of the rule
  std::vector<timestamp> to_make; ///< those of them that made no jobs, as far as is remembered
};

result<backfill_range> find_range(storage::schedule_reads& reads, const std::string& name, timestamp from,
                                  timestamp to) {
  const auto value = reads.find(name);
  if (!value)
    return failure(value.error());
  const auto rule = rule_of(*value);
  if (!rule)
    return failure(rule.error());
  auto all = rule->occurrences(from - duration{1}, to - duration{1}, backfill_schedule::most + 1);
  if (all.size() > backfill_schedule::most)
    return failure(error_code::invalid_argument, "the range holds more than " +
                                                   std::to_string(backfill_schedule::most) +
                                                   " occurrences: take shorter ones, one after another");
  const auto fired = reads.fired_between(name, from, to);
  if (!fired)
    return failure(fired.error());
  backfill_range found{all.size(), {}};
  std::set_difference(all.begin(), all.end(), fired->begin(), fired->end(), std::back_inserter(found.to_make));
  return found;
}

/// The occurrences in [from, to): how many, and with `preview` no more than that.
answer backfill(service_desk& desk, call& one) {
  body_reader body(one.request.body);
  const auto from = body.moment("from");
  const auto to = body.moment("to");
  const bool preview = body.boolean("preview").value_or(false);
  if (!from || !to)
    body.refuse("give 'from' and 'to', such as 2026-03-01T00:00:00Z");
  else if (*from >= *to)
    body.refuse("'from' must be before 'to'");
  else if (*to > desk.clock.now())
    body.refuse("'to' is in the future: a back-fill is of the past");
  if (auto problem = body.problem())
    co_return failure(std::move(*problem));
  auto read = [name = one.id(), from = *from, to = *to](storage::read_session& db) {
    return find_range(db.schedules(), name, from, to);
  };
  auto range = co_await desk.port.read(std::move(read));
  if (!range)
    co_return failure(std::move(range.error()));
  json_writer out;
  out.begin_object().key("schedule").text(one.id()).key("from").time(*from).key("to").time(*to);
  out.key("occurrences").number(static_cast<std::int64_t>(range->in_range)).key("preview").boolean(preview);
  std::vector<schedule_firing> firings;
  if (preview) {
    for (const auto moment : range->to_make)
      firings.push_back({one.id(), moment, firing_outcome::fired, {}, {}, {}, {}});
  } else if (!range->to_make.empty() || one.once) { // under a key, they may have been made by this very request
    unit_of_work unit;
    unit.changes.emplace_back(backfill_schedule{one.id(), range->to_make});
    auto stored = co_await commit_for(desk, one, std::move(unit));
    if (!stored)
      co_return failure(std::move(stored.error()));
    firings = std::move(stored->firings);
  }
  const auto count = std::ssize(firings);
  out.key("count").number(count).key("already_fired").number(static_cast<std::int64_t>(range->in_range) - count);
  out.key("items").begin_array();
  for (const auto& each : firings)
    render(out, each);
  out.end_array().end_object();
  co_return json_reply(out, preview ? 200 : 202);
}

} // namespace

std::span<const route> schedule_action_routes() {
  static constexpr route table[] = {
    {"POST", "/api/v1/schedules", access_level::operating, create},
    {"PATCH", "/api/v1/schedules/{name}", access_level::operating, edit, without_query, without_effects, with_version},
    {"DELETE", "/api/v1/schedules/{name}", access_level::operating, remove},
    {"POST", "/api/v1/schedules/{name}/trigger", access_level::operating, trigger},
    {"POST", "/api/v1/schedules/{name}/backfill", access_level::operating, backfill},
  };
  return table;
}

} // namespace penstock::gateway
