#include <algorithm>

#include "gateway/api_tables.hpp"
#include "gateway/body_reader.hpp"
#include "gateway/call_commit.hpp"
#include "gateway/query_reader.hpp"
#include "gateway/reach.hpp"
#include "gateway/render.hpp"
#include "gateway/replies.hpp"
#include "gateway/user_names.hpp"

namespace penstock::gateway {
namespace {

/// One that the caller may know of.
net::asio::awaitable<result<user>> find(service_desk& desk, const call& one) {
  const auto id = parse_id<user_id>(one.id());
  if (!id)
    co_return failure(id.error());
  auto read = [id = *id](storage::read_session& db) { return db.access().find_user(id); };
  auto found = co_await desk.port.read(std::move(read));
  if (found && !one.who.sees(found->organisation))
    co_return failure(error_code::not_found, "there is no user " + to_string(*id));
  co_return found;
}

std::string json_of(const user& value) {
  json_writer out;
  render(out, value);
  return out.take();
}

net::http_reply reply_of(const user& value, int status) {
  return with_version_of(json_reply(json_of(value), status), value.version);
}

std::optional<role> role_in(body_reader& body) {
  const auto name = body.text("role");
  if (!name)
    return std::nullopt;
  const auto grants = parse_role(*name);
  if (!grants)
    body.refuse("role is viewer, operator or admin");
  return grants;
}

answer create(service_desk& desk, call& one) {
  body_reader body(one.request.body);
  user made;
  made.name = folded_name(body.text("name").value_or(""));
  const auto password = body.text("password", password_desk::longest).value_or("");
  const auto grants = role_in(body);
  const organisation_id wanted{body.id("organisation_id").value_or(0)};
  if (made.name.empty())
    body.refuse("name is missing: with it the person signs in");
  if (password.empty())
    body.refuse("password is missing");
  if (!grants)
    body.refuse("role is viewer, operator or admin");
  if (auto problem = body.problem())
    co_return failure(std::move(*problem));
  const auto organisation = co_await organisation_for(desk, one, wanted);
  if (!organisation)
    co_return failure(organisation.error());
  auto hash = co_await desk.passwords.hash(password);
  if (!hash)
    co_return failure(hash.error());
  made.password_hash = std::move(*hash);
  made.organisation = *organisation;
  made.grants = *grants;
  made.id = {desk.ids.next()};
  made.created_by = one.who.name;
  one.made = to_string(made.id);
  one.concerns = made.organisation;
  unit_of_work unit;
  unit.changes.emplace_back(add_user{made});
  const auto stored = co_await commit_for(desk, one, std::move(unit));
  if (!stored)
    co_return failure(stored.error());
  made.created_at = made.updated_at = desk.clock.now();
  auto reply = reply_of(made, 201);
  reply.headers.add("Location", "/api/v1/users/" + to_string(made.id));
  co_return reply;
}

/// The newest first.
answer list(service_desk& desk, call& one) {
  query_reader query(one.request);
  const auto page = query.page();
  const auto from = page.cursor.empty() ? result<user_id>(user_id{}) : parse_id<user_id>(page.cursor);
  if (!from)
    query.refuse("the cursor is not one of this list: start without a cursor");
  if (auto problem = query.problem())
    co_return failure(std::move(*problem));
  auto read = [](storage::read_session& db) { return db.access().users(); };
  auto all = co_await desk.port.read(std::move(read));
  if (!all)
    co_return failure(all.error());
  std::erase_if(*all,
                [&](const user& each) { return !one.who.sees(each.organisation) || (*from && each.id >= *from); });
  std::string next;
  if (std::ssize(*all) > page.limit) {
    all->resize(static_cast<std::size_t>(page.limit));
    next = to_string(all->back().id);
  }
  co_return json_reply(render_list(*all, next, [](json_writer& out, const user& each) { render(out, each); }));
}

answer show(service_desk& desk, call& one) {
  const auto found = co_await find(desk, one);
  if (!found)
    co_return failure(found.error());
  co_return reply_of(*found, 200);
}

/// Whoever's rights or password are changed signs in again.
answer edit(service_desk& desk, call& one) {
  body_reader body(one.request.body);
  const auto grants = role_in(body);
  const auto password = body.text("password", password_desk::longest);
  if (!grants && !password)
    body.refuse("give role or password");
  if (auto problem = body.problem())
    co_return failure(std::move(*problem));
  const auto before = co_await find(desk, one);
  if (!before)
    co_return failure(before.error());
  one.concerns = before->organisation;
  edit_user change{.id = before->id, .grants = grants, .expected_version = one.expected_version};
  if (password) {
    auto hash = co_await desk.passwords.hash(*password);
    if (!hash)
      co_return failure(hash.error());
    change.password_hash = std::move(*hash);
  }
  unit_of_work unit;
  unit.changes.emplace_back(std::move(change));
  const auto stored = co_await commit_for(desk, one, std::move(unit), json_of(*before));
  if (!stored)
    co_return failure(stored.error());
  desk.tokens.remove_of(before->id, {});
  const auto after = co_await find(desk, one);
  if (!after)
    co_return failure(after.error());
  co_return reply_of(*after, 200);
}

answer remove(service_desk& desk, call& one) {
  const auto id = parse_id<user_id>(one.id());
  if (!id)
    co_return failure(id.error());
  const auto found = co_await find(desk, one);
  if (!found && (one.who.organisation || !may_have_removed(one, found.error())))
    co_return failure(found.error());
  std::string before;
  if (found) {
    before = json_of(*found);
    one.concerns = found->organisation;
  }
  unit_of_work unit;
  unit.changes.emplace_back(remove_user{*id});
  const auto stored = co_await commit_for(desk, one, std::move(unit), std::move(before));
  if (!stored)
    co_return failure(stored.error());
  desk.tokens.remove_of(*id, {});
  co_return no_content();
}

// Bodies with passwords take no Idempotency-Key: a digest of the request would stand beside it.
} // namespace

std::span<const route> user_routes() {
  static constexpr route table[] = {
    {"POST", "/api/v1/users", scoped(access_level::admin), create, without_query, without_effects, without_version,
     tells_a_secret},
    {"GET", "/api/v1/users", scoped(access_level::admin), list, with_query},
    {"GET", "/api/v1/users/{id}", scoped(access_level::admin), show},
    {"PATCH", "/api/v1/users/{id}", scoped(access_level::admin), edit, without_query, without_effects, with_version,
     tells_a_secret},
    {"DELETE", "/api/v1/users/{id}", scoped(access_level::admin), remove},
  };
  return table;
}

} // namespace penstock::gateway
