#include "connectors/fetched.hpp"
#include "gateway/api_tables.hpp"
#include "gateway/body_reader.hpp"
#include "gateway/call_commit.hpp"
#include "gateway/integration_advice.hpp"
#include "gateway/integration_replies.hpp"
#include "gateway/list_page.hpp"
#include "gateway/query_reader.hpp"
#include "gateway/reach.hpp"
#include "gateway/render.hpp"
#include "gateway/replies.hpp"

namespace penstock::gateway {
namespace {

answer fetch(service_desk& desk, call& one) {
  const auto id = parse_id<integration_id>(one.id());
  if (!id)
    co_return failure(id.error());
  body_reader body(one.request.body);
  const bool force = body.boolean("force").value_or(false);
  const bool dry_run = body.boolean("dry_run").value_or(false);
  if (auto problem = body.problem())
    co_return failure(std::move(*problem));
  if (auto reached = co_await check_reach(desk, one, *id); !reached)
    co_return failure(std::move(reached.error()));
  auto root = co_await desk.port.fetch_integration(*id, force, origin_of(one), dry_run);
  if (!root) {
    auto told = co_await with_advice(desk, *id, integration_wish::fetch, std::move(root.error()));
    co_return failure(std::move(told));
  }
  // Behind it, since it may be refused; the run tells by itself who asked for it.
  if (auto noted = co_await note_for(desk, one); !noted)
    co_return failure(std::move(noted.error()));
  json_writer out;
  out.begin_object().key("job_id").id(root->id).key("deduplicated").boolean(root->deduplicated);
  out.key("dry_run").boolean(dry_run).end_object();
  co_return json_reply(out, 202);
}

answer act(service_desk& desk, call& one, integration_action action) {
  const auto id = parse_id<integration_id>(one.id());
  if (!id)
    co_return failure(id.error());
  body_reader body(one.request.body);
  if (auto problem = body.problem())
    co_return failure(std::move(*problem));
  if (auto reached = co_await check_reach(desk, one, *id); !reached)
    co_return failure(std::move(reached.error()));
  unit_of_work unit;
  unit.changes.emplace_back(act_on_integration{*id, action, {}});
  auto stored = co_await commit_for(desk, one, std::move(unit));
  desk.webhooks.forget_all();
  if (!stored) {
    const auto wish = action == integration_action::pause ? integration_wish::pause : integration_wish::resume;
    auto told = co_await with_advice(desk, *id, wish, std::move(stored.error()));
    co_return failure(std::move(told));
  }
  auto reply = co_await integration_reply(desk, *id);
  co_return reply;
}

answer pause(service_desk& desk, call& one) { return act(desk, one, integration_action::pause); }

/// What a resume does. Without a credential nothing could be fetched: it would only fail again and again. Where nobody has
/// to give any, what waits for access goes on, as after a consent.
net::asio::awaitable<result<integration_action>> resuming_action(service_desk& desk, call& one, integration_id id) {
  const auto account = co_await find_reachable(desk, one, id);
  if (!account)
    co_return failure(account.error());
  const auto* service = desk.connectors.find_service(account->service);
  if (needs_no_access(service) && account->schedule.status == integration_status::requires_reauth)
    co_return integration_action::reauthorised;
  if (service == nullptr || !service->oauth)
    co_return integration_action::resume;
  auto read = [id](storage::read_session& db) { return db.integrations().credential_of(id); };
  const auto stored = co_await desk.port.read(std::move(read));
  if (!stored)
    co_return failure(stored.error());
  if (!*stored)
    co_return failure(error_code::conflict, "authorise it first: penstock integrations authorize " + to_string(id));
  co_return integration_action::resume;
}

answer resume(service_desk& desk, call& one) {
  auto action = integration_action::resume;
  if (const auto id = parse_id<integration_id>(one.id())) {
    const auto possible = co_await resuming_action(desk, one, *id);
    if (!possible)
      co_return failure(possible.error());
    action = *possible;
  }
  auto reply = co_await act(desk, one, action);
  co_return reply;
}

struct reset_wish {
  integration_id integration{};
  std::string stream; ///< empty: all
  std::optional<timestamp> from;
};

/// The streams to reset with the cursors that read everything since `wish.from`: of the stream that is named, or of
/// all that were synced before.
result<std::vector<reset_cursor>> cursors_from(const reset_wish& wish, const connectors::service& service,
                                               const std::vector<stream_cursor>& stored) {
  std::vector<std::string> streams;
  for (const auto& each : stored)
    if (wish.stream.empty() || each.stream == wish.stream)
      streams.push_back(each.stream);
  if (streams.empty())
    return failure(error_code::conflict, wish.stream.empty()
                                           ? "nothing was synced yet, so that the next sync reads all there is"
                                           : "the integration has no stream '" + wish.stream + "' yet");
  std::vector<reset_cursor> changes;
  for (auto& stream : streams) {
    auto cursor = service.cursor_from(stream, *wish.from);
    if (cursor)
      changes.push_back({wish.integration, std::move(stream), std::move(*cursor)});
    else if (!wish.stream.empty())
      return failure(std::move(cursor.error()));
  }
  if (changes.empty())
    return failure(error_code::conflict, "no stream of this integration is in order of time: leave out 'from'");
  return changes;
}

net::asio::awaitable<result<std::vector<reset_cursor>>> find_cursors_from(service_desk& desk, const reset_wish& wish) {
  const auto account = co_await find_integration(desk, wish.integration);
  if (!account)
    co_return failure(account.error());
  const auto* service = desk.connectors.find_service(account->service);
  if (service == nullptr || !service->cursor_from)
    co_return failure(error_code::conflict, "service '" + account->service +
                                              "' cannot turn a moment into a cursor: leave out 'from' to start at the "
                                              "beginning, or give 'stream' and 'cursor'");
  auto read = [id = wish.integration](storage::read_session& db) { return db.integrations().cursors(id); };
  const auto stored = co_await desk.port.read(std::move(read));
  if (!stored)
    co_return failure(stored.error());
  co_return cursors_from(wish, *service, *stored);
}

/// Without `stream` all streams; without `cursor` and `from` from the beginning. What a cursor holds is its connector's
/// affair, so that one is given as the text of a cursor, such as `GET …/cursors` shows.
answer reset(service_desk& desk, call& one) {
  const auto id = parse_id<integration_id>(one.id());
  if (!id)
    co_return failure(id.error());
  body_reader body(one.request.body);
  const auto cursor = body.object("cursor");
  const reset_wish wish{*id, body.text("stream").value_or(""), body.moment("from")};
  if (wish.from && cursor)
    body.refuse("give 'from' or 'cursor', not both");
  if (wish.from && *wish.from > desk.clock.now())
    body.refuse("'from' is in the future");
  if (cursor && wish.stream.empty())
    body.refuse("a cursor is that of one stream: name it in 'stream'");
  if (auto problem = body.problem())
    co_return failure(std::move(*problem));
  const auto account = co_await find_reachable(desk, one, *id);
  if (!account)
    co_return failure(account.error());
  // A sync that reads anew is what a reset promises.
  if (auto fetched = connectors::check_is_fetched(desk.connectors, account->service, *id); !fetched)
    co_return failure(std::move(fetched.error()));
  unit_of_work unit;
  if (wish.from) {
    auto found = co_await find_cursors_from(desk, wish);
    if (!found)
      co_return failure(std::move(found.error()));
    for (auto& change : *found)
      unit.changes.emplace_back(std::move(change));
  } else {
    unit.changes.emplace_back(reset_cursor{*id, wish.stream, cursor.value_or("")});
  }
  auto stored = co_await commit_for(desk, one, std::move(unit));
  if (!stored)
    co_return failure(std::move(stored.error()));
  auto reply = co_await integration_reply(desk, *id);
  co_return reply;
}

/// By stream.
answer cursors(service_desk& desk, call& one) {
  const auto id = parse_id<integration_id>(one.id());
  if (!id)
    co_return failure(id.error());
  query_reader query(one.request);
  const auto page = query.page();
  if (auto problem = query.problem())
    co_return failure(std::move(*problem));
  if (auto reached = co_await check_reach(desk, one, *id); !reached)
    co_return failure(std::move(reached.error()));
  auto read = [id = *id](storage::read_session& db) -> result<std::vector<stream_cursor>> {
    if (auto known = db.integrations().find(id); !known)
      return failure(std::move(known.error()));
    return db.integrations().cursors(id);
  };
  auto found = co_await desk.port.read(std::move(read));
  if (!found)
    co_return failure(std::move(found.error()));
  const auto name_of = [](const stream_cursor& each) -> auto& { return each.stream; };
  const auto named = page_by_name(std::move(*found), page, name_of);
  co_return json_reply(render_list(named.items, named.next_cursor,
                                   [](json_writer& out, const stream_cursor& each) { render(out, each); }));
}

std::string nothing_to_authorise(const integration& account, const connectors::service* service) {
  const auto told = "service '" + account.service + "' has nothing to authorise";
  if (service == nullptr)
    return told + " on this node, which does not know it: enable its connector and restart";
  if (service->token == connectors::own_token::needed)
    return told + ", but takes a token: penstock integrations token " + to_string(account.id);
  if (account.schedule.status == integration_status::requires_reauth)
    return told + ": penstock integrations resume " + to_string(account.id) + " lets it go on";
  return told + ": there is nothing to be done";
}

/// A link for the browser of whoever can consent. It works once, for ten minutes, and needs no token.
answer authorize(service_desk& desk, call& one) {
  const auto id = parse_id<integration_id>(one.id());
  if (!id)
    co_return failure(id.error());
  body_reader body(one.request.body);
  if (auto problem = body.problem())
    co_return failure(std::move(*problem));
  const auto account = co_await find_reachable(desk, one, *id);
  if (!account)
    co_return failure(account.error());
  const auto* service = desk.connectors.find_service(account->service);
  if (service == nullptr || !service->oauth)
    co_return failure(error_code::conflict, nothing_to_authorise(*account, service));
  if (service->oauth->client_id.empty())
    co_return failure(error_code::conflict, "this node has no OAuth client for '" + account->service +
                                              "' yet: set client_id and client_secret of its connector and restart");
  if (auto noted = co_await note_for(desk, one); !noted)
    co_return failure(std::move(noted.error()));
  const auto link = desk.authorisations.make_link(account->service, *id, desk.clock.now());
  json_writer out;
  out.begin_object().key("url").text(desk.public_url + "/oauth/" + account->service + "/start?integration=" + one.id() +
                                     "&link=" + link.code);
  out.key("expires_at").time(link.expires_at).end_object();
  co_return json_reply(out, 201);
}

} // namespace

std::span<const route> integration_action_routes() {
  static constexpr route table[] = {
    {"POST", "/api/v1/integrations/{id}/fetch", scoped(access_level::operating), fetch},
    {"POST", "/api/v1/integrations/{id}/pause", scoped(access_level::operating), pause},
    {"POST", "/api/v1/integrations/{id}/resume", scoped(access_level::operating), resume},
    {"POST", "/api/v1/integrations/{id}/reset", scoped(access_level::operating), reset},
    {"GET", "/api/v1/integrations/{id}/cursors", scoped(access_level::viewer), cursors, with_query},
    {"POST", "/api/v1/integrations/{id}/authorize", scoped(access_level::operating), authorize, without_query,
     without_effects, without_version, tells_a_secret},
  };
  return table;
}

} // namespace penstock::gateway
