#include "gateway/api_tables.hpp"
#include "gateway/body_reader.hpp"
#include "gateway/call_commit.hpp"
#include "gateway/query_reader.hpp"
#include "gateway/render.hpp"
#include "gateway/replies.hpp"

namespace penstock::gateway {
namespace {

net::asio::awaitable<result<organisation>> find(service_desk& desk, organisation_id id) {
  auto read = [id](storage::read_session& db) { return db.access().find_organisation(id); };
  auto found = co_await desk.port.read(std::move(read));
  co_return found;
}

std::string json_of(const organisation& value) {
  json_writer out;
  render(out, value);
  return out.take();
}

answer reply_with(service_desk& desk, organisation_id id, int status) {
  const auto found = co_await find(desk, id);
  if (!found)
    co_return failure(found.error());
  auto reply = with_version_of(json_reply(json_of(*found), status), found->version);
  if (status == 201)
    reply.headers.add("Location", "/api/v1/organisations/" + to_string(id));
  co_return reply;
}

answer create(service_desk& desk, call& one) {
  body_reader body(one.request.body);
  organisation made;
  made.name = body.text("name").value_or("");
  if (made.name.empty())
    body.refuse("name is missing: an organisation needs one");
  if (auto problem = body.problem())
    co_return failure(std::move(*problem));
  unit_of_work unit;
  made.id = {desk.ids.next()};
  one.made = to_string(made.id);
  one.concerns = made.id;
  unit.changes.emplace_back(add_organisation{std::move(made)});
  auto stored = co_await commit_for(desk, one, std::move(unit));
  if (!stored)
    co_return failure(std::move(stored.error()));
  auto reply = co_await reply_with(desk, organisation_id{stored->created.front()}, 201);
  co_return reply;
}

/// A caller that is bound to one sees that one.
answer list(service_desk& desk, call& one) {
  query_reader query(one.request);
  const auto page = query.page();
  if (auto problem = query.problem())
    co_return failure(std::move(*problem));
  using organisations = storage::page_of<organisation>;
  auto read = [page, own = one.who.organisation](storage::read_session& db) -> result<organisations> {
    if (!own)
      return db.access().organisations(page);
    return db.access().find_organisation(own).map([](organisation found) {
      return organisations{{std::move(found)}, {}};
    });
  };
  const auto found = co_await desk.port.read(std::move(read));
  if (!found)
    co_return failure(found.error());
  co_return json_reply(render_list(found->items, found->next_cursor,
                                   [](json_writer& out, const organisation& each) { render(out, each); }));
}

answer show(service_desk& desk, call& one) {
  const auto id = parse_id<organisation_id>(one.id());
  if (!id)
    co_return failure(id.error());
  if (!one.who.sees(*id))
    co_return failure(error_code::not_found, "there is no organisation " + to_string(*id));
  auto reply = co_await reply_with(desk, *id, 200);
  co_return reply;
}

answer edit(service_desk& desk, call& one) {
  const auto id = parse_id<organisation_id>(one.id());
  if (!id)
    co_return failure(id.error());
  body_reader body(one.request.body);
  one.concerns = *id;
  edit_organisation change{*id, body.text("name"), one.expected_version};
  if (auto problem = body.problem())
    co_return failure(std::move(*problem));
  const auto before = co_await find(desk, *id);
  if (!before)
    co_return failure(before.error());
  unit_of_work unit;
  unit.changes.emplace_back(std::move(change));
  auto stored = co_await commit_for(desk, one, std::move(unit), json_of(*before));
  if (!stored)
    co_return failure(std::move(stored.error()));
  auto reply = co_await reply_with(desk, *id, 200);
  co_return reply;
}

/// Its tokens go with it.
answer remove(service_desk& desk, call& one) {
  const auto id = parse_id<organisation_id>(one.id());
  if (!id)
    co_return failure(id.error());
  const auto stands = co_await find(desk, *id);
  if (!stands && !may_have_removed(one, stands.error()))
    co_return failure(stands.error());
  std::string before;
  if (stands)
    before = json_of(*stands);
  unit_of_work unit;
  unit.changes.emplace_back(remove_organisation{*id});
  auto stored = co_await commit_for(desk, one, std::move(unit), std::move(before));
  if (!stored)
    co_return failure(std::move(stored.error()));
  desk.tokens.remove_of(*id);
  co_return no_content();
}

} // namespace

std::span<const route> organisation_routes() {
  static constexpr route table[] = {
    {"POST", "/api/v1/organisations", access_level::admin, create},
    {"GET", "/api/v1/organisations", scoped(access_level::admin), list, with_query},
    {"GET", "/api/v1/organisations/{id}", scoped(access_level::admin), show},
    {"PATCH", "/api/v1/organisations/{id}", access_level::admin, edit, without_query, without_effects, with_version},
    {"DELETE", "/api/v1/organisations/{id}", access_level::admin, remove},
  };
  return table;
}

} // namespace penstock::gateway
