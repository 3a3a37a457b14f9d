#include <boost/json/parse.hpp>

#include "actors/engine_kinds.hpp"
#include "connectors/fetched.hpp"
#include "core/nearest_name.hpp"
#include "core/quotable.hpp"
#include "gateway/api_tables.hpp"
#include "gateway/body_reader.hpp"
#include "gateway/call_commit.hpp"
#include "gateway/integration_replies.hpp"
#include "gateway/query_reader.hpp"
#include "gateway/reach.hpp"
#include "gateway/render.hpp"
#include "gateway/replies.hpp"
#include "gateway/webhook_secrets.hpp"

namespace penstock::gateway {
namespace {

/// A year: whatever is updated more rarely needs no machine.
constexpr std::int64_t longest_frequency = 366LL * 24 * 60;

/// What is said of a name that no service has.
error no_service(const service_desk& desk, const std::string& name) {
  std::vector<std::string> names;
  std::string known;
  for (const auto& connector : desk.connectors.connectors())
    for (const auto& service : connector.services) {
      names.push_back(service.name);
      known += (known.empty() ? "" : ", ") + service.name;
    }
  return {error_code::invalid_argument, "there is no service '" + quotable(name, 40) + "'" + did_you_mean(name, names) +
                                          ": this node has " + (known.empty() ? "none" : known) +
                                          " (more come with connectors that the configuration enables)"};
}

result<const connectors::service*> service_named(const service_desk& desk, const std::string& name) {
  if (const auto* service = desk.connectors.find_service(name))
    return service;
  return tl::unexpected(no_service(desk, name));
}

/// What the connector says of a config; its bad_configuration is the answer.
result<void> check_config(const connectors::service& service, const std::string& config) {
  return service.validate ? service.validate(config) : result<void>{};
}

/// A frequency is for those that are fetched.
result<void> check_frequency(const service_desk& desk, const integration& of, duration frequency) {
  return frequency > duration{0} ? connectors::check_is_fetched(desk.connectors, of.service, of.id) : result<void>{};
}

/// Before there is what its requests need, nothing can be fetched; what brings it makes it idle.
void await_access(integration& made, const connectors::service& service) {
  if (service.oauth) {
    made.schedule.status = integration_status::paused;
    made.last_error = "not authorised yet: penstock integrations authorize " + to_string(made.id);
  } else if (service.token == connectors::own_token::needed) {
    made.schedule.status = integration_status::requires_reauth;
    made.last_error = "there is no token yet: penstock integrations token " + to_string(made.id);
  }
}

answer create(service_desk& desk, call& one) {
  body_reader body(one.request.body);
  integration made;
  made.service = body.text("service").value_or("");
  const auto name = body.text("name");
  made.config = body.object("config").value_or("{}");
  made.organisation = {body.id("organisation_id").value_or(0)};
  const auto frequency = body.integer("update_frequency_minutes", 0, longest_frequency);
  if (made.service.empty())
    body.refuse("service is missing: name what to connect to");
  if (auto problem = body.problem())
    co_return failure(std::move(*problem));
  const auto service = service_named(desk, made.service);
  if (!service)
    co_return failure(service.error());
  if (auto checked = check_config(**service, made.config); !checked)
    co_return failure(std::move(checked.error()));
  const auto organisation = co_await organisation_for(desk, one, made.organisation);
  if (!organisation)
    co_return failure(organisation.error());
  made.organisation = *organisation;
  made.owner = one.who.is_stored() ? one.who.name : "";
  made.name = name && !name->empty() ? *name : (*service)->title;
  made.schedule.frequency = (*service)->default_frequency;
  if (frequency)
    made.schedule.frequency = std::chrono::minutes(*frequency);
  else if (body.is_null("update_frequency_minutes"))
    made.schedule.frequency = duration{0};
  if (auto possible = check_frequency(desk, made, made.schedule.frequency); !possible)
    co_return failure(std::move(possible.error()));
  unit_of_work unit;
  made.id = {desk.ids.next()};
  await_access(made, **service);
  one.made = to_string(made.id);
  one.concerns = made.organisation;
  // An answer that is kept for its Idempotency-Key must hold no secret: one is made later, when it is asked for.
  std::optional<new_webhook> webhook;
  if ((*service)->webhook && !one.once) {
    auto drawn = draw_webhook(*(*service)->webhook, made.id, std::nullopt, false);
    if (!drawn)
      co_return failure(std::move(drawn.error()));
    webhook = std::move(*drawn);
  }
  unit.changes.emplace_back(add_integration{std::move(made)});
  if (webhook)
    unit.changes.emplace_back(webhook->change);
  auto stored = co_await commit_for(desk, one, std::move(unit));
  desk.webhooks.forget_all(); // what was the only one of its service may be so no more
  if (!stored)
    co_return failure(std::move(stored.error()));
  auto reply = co_await integration_reply(desk, integration_id{stored->created.front()}, webhook);
  co_return reply;
}

/// For the audit.
std::string shown_before(const integration& value) {
  json_writer out;
  render(out, value, {});
  return out.take();
}

struct listed {
  integration value;
  consent_state consent;
};

result<storage::page_of<listed>> read_list(storage::integration_reads& reads, const connectors::catalogue& services,
                                           const storage::integration_filter& filter,
                                           const storage::page_request& page) {
  auto found = reads.list(filter, page);
  if (!found)
    return failure(std::move(found.error()));
  storage::page_of<listed> shown{{}, std::move(found->next_cursor)};
  for (auto& each : found->items) {
    const auto consent = consent_of(reads, services, each);
    shown.items.push_back({std::move(each), consent});
  }
  return shown;
}

answer list(service_desk& desk, call& one) {
  query_reader query(one.request);
  storage::integration_filter filter;
  filter.service = query.text("service");
  filter.organisation = query.id<organisation_id>("organisation");
  if (const auto status = query.text("status"); !status.empty()) {
    filter.status = parse_integration_status(status);
    if (!filter.status)
      query.refuse("status is idle, processing, failed, requires_reauth, paused or disconnected");
  }
  const auto page = query.page();
  if (filter.organisation && !one.who.sees(filter.organisation))
    query.refuse("organisation is another than the one that the token is bound to: leave it out");
  if (auto problem = query.problem())
    co_return failure(std::move(*problem));
  if (one.who.organisation)
    filter.organisation = one.who.organisation;
  auto read = [filter, page, &services = desk.connectors](storage::read_session& db) {
    return read_list(db.integrations(), services, filter, page);
  };
  auto found = co_await desk.port.read(std::move(read));
  if (!found)
    co_return failure(std::move(found.error()));
  // Of a connector that is not enabled any more there may be some; a name that nothing has is a mistake.
  const bool none = found->items.empty() && page.cursor.empty() && found->next_cursor.empty();
  if (none && !filter.service.empty() && !filter.status && !desk.connectors.find_service(filter.service))
    co_return tl::unexpected(no_service(desk, filter.service));
  co_return json_reply(render_list(found->items, found->next_cursor, [](json_writer& out, const listed& each) {
    render(out, each.value, each.consent);
  }));
}

answer show(service_desk& desk, call& one) {
  const auto id = parse_id<integration_id>(one.id());
  if (!id)
    co_return failure(id.error());
  if (auto reached = co_await check_reach(desk, one, *id); !reached)
    co_return failure(std::move(reached.error()));
  auto reply = co_await integration_reply(desk, *id);
  co_return reply;
}

answer edit(service_desk& desk, call& one) {
  const auto id = parse_id<integration_id>(one.id());
  if (!id)
    co_return failure(id.error());
  body_reader body(one.request.body);
  edit_integration change;
  change.id = *id;
  change.name = body.text("name");
  change.config = body.object("config");
  if (const auto minutes = body.integer("update_frequency_minutes", 0, longest_frequency))
    change.frequency = std::chrono::minutes(*minutes);
  else if (body.is_null("update_frequency_minutes"))
    change.frequency = duration{0};
  if (change.name && change.name->empty())
    body.refuse("name must not be empty");
  if (auto problem = body.problem())
    co_return failure(std::move(*problem));
  const auto stands = co_await find_reachable(desk, one, *id);
  if (!stands)
    co_return failure(stands.error());
  change.expected_version = one.expected_version;
  if (auto possible = check_frequency(desk, *stands, change.frequency.value_or(duration{0})); !possible)
    co_return failure(std::move(possible.error()));
  if (change.config) {
    const auto service = service_named(desk, stands->service);
    if (!service)
      co_return failure(service.error());
    if (auto checked = check_config(**service, *change.config); !checked)
      co_return failure(std::move(checked.error()));
  }
  unit_of_work unit;
  unit.changes.emplace_back(std::move(change));
  auto stored = co_await commit_for(desk, one, std::move(unit), shown_before(*stands));
  if (!stored)
    co_return failure(std::move(stored.error()));
  auto reply = co_await integration_reply(desk, *id);
  co_return reply;
}

/// Whether a schedule does nothing but fetch that integration: it goes with it, or it would fail at each firing.
bool fetches_only(const schedule& each, integration_id id) {
  if (each.kind != actors::integration_fetch_kind || !each.more_jobs.empty() || each.declared)
    return false;
  boost::system::error_code wrong;
  const auto args = boost::json::parse(each.args, wrong);
  const auto* object = wrong ? nullptr : args.if_object();
  const auto* named = object ? object->if_contains("integration_id") : nullptr;
  const auto* text = named ? named->if_string() : nullptr;
  return text && std::string_view(text->data(), text->size()) == to_string(id);
}

/// Synced rows stay unless `rows=1`.
answer remove(service_desk& desk, call& one) {
  const auto id = parse_id<integration_id>(one.id());
  if (!id)
    co_return failure(id.error());
  query_reader query(one.request);
  const bool rows = query.flag("rows");
  if (auto problem = query.problem())
    co_return failure(std::move(*problem));
  const auto stands = co_await find_reachable(desk, one, *id);
  if (!stands && !may_have_removed(one, stands.error()))
    co_return failure(stands.error());
  std::string before;
  if (stands)
    before = shown_before(*stands);
  unit_of_work unit;
  unit.changes.emplace_back(remove_integration{*id, rows});
  auto read = [](storage::read_session& db) { return db.schedules().all(); };
  const auto schedules = co_await desk.port.read(std::move(read));
  if (!schedules)
    co_return failure(schedules.error());
  for (const auto& each : *schedules)
    if (fetches_only(each, *id))
      unit.changes.emplace_back(remove_schedule{each.name});
  auto stored = co_await commit_for(desk, one, std::move(unit), std::move(before));
  desk.webhooks.forget_all();
  desk.port.reload_schedules();
  if (!stored)
    co_return failure(std::move(stored.error()));
  co_return no_content();
}

answer runs(service_desk& desk, call& one) {
  const auto id = parse_id<integration_id>(one.id());
  if (!id)
    co_return failure(id.error());
  query_reader query(one.request);
  const auto page = query.page();
  if (auto problem = query.problem())
    co_return failure(std::move(*problem));
  if (auto reached = co_await check_reach(desk, one, *id); !reached)
    co_return failure(std::move(reached.error()));
  auto read = [id = *id, page](storage::read_session& db) -> result<storage::page_of<run>> {
    if (auto known = db.integrations().find(id); !known)
      return failure(std::move(known.error()));
    return db.integrations().runs(id, page);
  };
  auto found = co_await desk.port.read(std::move(read));
  if (!found)
    co_return failure(std::move(found.error()));
  const auto now = desk.clock.now();
  co_return json_reply(render_list(found->items, found->next_cursor,
                                   [now](json_writer& out, const run& each) { render(out, each, now); }));
}

/// One run; of a dry one `difference` says what it would have done.
answer show_run(service_desk& desk, call& one) {
  const auto id = parse_id<integration_id>(one.id());
  if (!id)
    co_return failure(id.error());
  if (auto reached = co_await check_reach(desk, one, *id); !reached)
    co_return failure(std::move(reached.error()));
  const auto wanted = parse_id<run_id>(one.captured[1]);
  if (!wanted)
    co_return failure(wanted.error());
  struct shown_run {
    run value;
    run_difference difference;
  };
  auto read = [id = *id, wanted = *wanted](storage::read_session& db) -> result<shown_run> {
    auto found = db.integrations().find_run(wanted);
    if (!found)
      return failure(std::move(found.error()));
    if (found->integration != id)
      return failure(error_code::not_found, "integration " + to_string(id) + " has no run " + to_string(wanted));
    auto difference = db.integrations().difference_of(wanted);
    if (!difference)
      return failure(std::move(difference.error()));
    return shown_run{std::move(*found), std::move(*difference)};
  };
  const auto found = co_await desk.port.read(std::move(read));
  if (!found)
    co_return failure(found.error());
  json_writer out;
  out.begin_object().key("run");
  render(out, found->value, desk.clock.now());
  out.key("difference");
  if (found->value.dry)
    render(out, found->difference);
  else
    out.null();
  out.end_object();
  co_return json_reply(out);
}

} // namespace

std::span<const route> integration_routes() {
  static constexpr route table[] = {
    {"POST", "/api/v1/integrations", scoped(access_level::operating), create},
    {"GET", "/api/v1/integrations", scoped(access_level::viewer), list, with_query},
    {"GET", "/api/v1/integrations/{id}", scoped(access_level::viewer), show},
    {"PATCH", "/api/v1/integrations/{id}", scoped(access_level::operating), edit, without_query, without_effects,
     with_version},
    {"DELETE", "/api/v1/integrations/{id}", scoped(access_level::admin), remove, with_query},
    {"GET", "/api/v1/integrations/{id}/runs", scoped(access_level::viewer), runs, with_query},
    {"GET", "/api/v1/integrations/{id}/runs/{run}", scoped(access_level::viewer), show_run},
  };
  return table;
}

} // namespace penstock::gateway
