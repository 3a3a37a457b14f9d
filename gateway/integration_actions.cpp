#include "gateway/api_tables.hpp"
#include "gateway/body_reader.hpp"
#include "gateway/integration_replies.hpp"
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
  if (auto problem = body.problem())
    co_return failure(std::move(*problem));
  auto root = co_await desk.port.fetch_integration(*id, force, "api");
  if (!root)
    co_return failure(std::move(root.error()));
  json_writer out;
  out.begin_object().key("job_id").id(root->id).key("deduplicated").boolean(root->deduplicated).end_object();
  co_return json_reply(out, 202);
}

answer act(service_desk& desk, call& one, integration_action action) {
  const auto id = parse_id<integration_id>(one.id());
  if (!id)
    co_return failure(id.error());
  body_reader body(one.request.body);
  if (auto problem = body.problem())
    co_return failure(std::move(*problem));
  unit_of_work unit;
  unit.changes.emplace_back(act_on_integration{*id, action, {}});
  auto stored = co_await desk.port.commit(std::move(unit));
  if (!stored)
    co_return failure(std::move(stored.error()));
  auto reply = co_await integration_reply(desk, *id);
  co_return reply;
}

answer pause(service_desk& desk, call& one) { return act(desk, one, integration_action::pause); }
answer resume(service_desk& desk, call& one) { return act(desk, one, integration_action::resume); }

/// Without `stream` all streams; without `cursor` from the beginning. What a cursor holds is its connector's affair, so
/// that one is given as the text of a cursor, such as `GET …/cursors` shows.
answer reset(service_desk& desk, call& one) {
  const auto id = parse_id<integration_id>(one.id());
  if (!id)
    co_return failure(id.error());
  body_reader body(one.request.body);
  const auto stream = body.text("stream");
  const auto cursor = body.object("cursor");
  if (body.text("from"))
    body.refuse("a connector cannot turn a moment into a cursor yet: leave out 'from' to start at the beginning, "
                "or give 'stream' and 'cursor'");
  if (cursor && (!stream || stream->empty()))
    body.refuse("a cursor is that of one stream: name it in 'stream'");
  if (auto problem = body.problem())
    co_return failure(std::move(*problem));
  unit_of_work unit;
  unit.changes.emplace_back(reset_cursor{*id, stream.value_or(""), cursor.value_or("")});
  auto stored = co_await desk.port.commit(std::move(unit));
  if (!stored)
    co_return failure(std::move(stored.error()));
  auto reply = co_await integration_reply(desk, *id);
  co_return reply;
}

answer cursors(service_desk& desk, call& one) {
  const auto id = parse_id<integration_id>(one.id());
  if (!id)
    co_return failure(id.error());
  auto read = [id = *id](storage::read_session& db) -> result<std::vector<stream_cursor>> {
    if (auto known = db.integrations().find(id); !known)
      return failure(std::move(known.error()));
    return db.integrations().cursors(id);
  };
  auto found = co_await desk.port.read(std::move(read));
  if (!found)
    co_return failure(std::move(found.error()));
  co_return json_reply(render_list(*found, {}, [](json_writer& out, const stream_cursor& each) { render(out, each); }));
}

/// A link for the browser of whoever can consent. It works once, for ten minutes, and needs no token.
answer authorize(service_desk& desk, call& one) {
  const auto id = parse_id<integration_id>(one.id());
  if (!id)
    co_return failure(id.error());
  body_reader body(one.request.body);
  if (auto problem = body.problem())
    co_return failure(std::move(*problem));
  const auto account = co_await find_integration(desk, *id);
  if (!account)
    co_return failure(account.error());
  const auto* service = desk.connectors.find_service(account->service);
  if (service == nullptr || !service->oauth)
    co_return failure(error_code::conflict, "service '" + account->service + "' has nothing to authorise");
  const auto link = desk.authorisations.make_link(account->service, *id, desk.clock.now());
  json_writer out;
  out.begin_object().key("url").text(desk.public_url + "/oauth/" + account->service + "/start?integration=" + one.id() +
                                     "&link=" + link.code);
  out.key("expires_at").time(link.expires_at).end_object();
  co_return json_reply(out, 201);
}

constexpr route table[] = {
  {"POST", "/api/v1/integrations/{id}/fetch", access_level::operating, fetch},
  {"POST", "/api/v1/integrations/{id}/pause", access_level::operating, pause},
  {"POST", "/api/v1/integrations/{id}/resume", access_level::operating, resume},
  {"POST", "/api/v1/integrations/{id}/reset", access_level::operating, reset},
  {"GET", "/api/v1/integrations/{id}/cursors", access_level::viewer, cursors},
  {"POST", "/api/v1/integrations/{id}/authorize", access_level::operating, authorize},
};

} // namespace

std::span<const route> integration_action_routes() { return table; }

} // namespace penstock::gateway
