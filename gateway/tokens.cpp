#include <algorithm>

#include "gateway/api_tables.hpp"
#include "gateway/body_reader.hpp"
#include "gateway/call_commit.hpp"
#include "gateway/query_reader.hpp"
#include "gateway/reach.hpp"
#include "gateway/render.hpp"
#include "gateway/replies.hpp"
#include "net/pkce.hpp"

namespace penstock::gateway {
namespace {

constexpr std::int64_t longest_life_ms = 3'650LL * 24 * 3600 * 1000;

/// 256 random bits that a header can hold. The prefix tells what was found where a token should not be.
std::string draw_token() { return "pst_" + net::make_pkce_verifier(); }

/// Those that the caller may know of.
net::asio::awaitable<result<std::vector<access_token>>> known_tokens(service_desk& desk, const call& one) {
  auto read = [](storage::read_session& db) { return db.access().tokens(); };
  auto found = co_await desk.port.read(std::move(read));
  if (found)
    std::erase_if(*found, [&](const access_token& each) { return !one.who.sees(each.organisation); });
  co_return found;
}

net::asio::awaitable<result<access_token>> find(service_desk& desk, const call& one) {
  const auto id = parse_id<token_id>(one.id());
  if (!id)
    co_return failure(id.error());
  auto all = co_await known_tokens(desk, one);
  if (!all)
    co_return failure(std::move(all.error()));
  const auto found = std::find_if(all->begin(), all->end(), [&](const access_token& each) { return each.id == *id; });
  if (found == all->end())
    co_return failure(error_code::not_found, "there is no token " + to_string(*id));
  co_return std::move(*found);
}

std::string json_of(const access_token& value, std::string_view told_once = {}) {
  json_writer out;
  render(out, value, told_once);
  return out.take();
}

/// The answer holds the token, for the only time.
answer create(service_desk& desk, call& one) {
  body_reader body(one.request.body);
  access_token made;
  made.name = body.text("name").value_or("");
  const auto role_name = body.text("role").value_or("");
  const auto grants = parse_role(role_name);
  made.expires_at = body.moment("expires_at").value_or(no_time);
  if (const auto life = body.integer("expires_in_ms", 1, longest_life_ms)) {
    if (made.expires_at != no_time)
      body.refuse("give expires_at or expires_in_ms, not both");
    made.expires_at = desk.clock.now() + std::chrono::milliseconds(*life);
  }
  const organisation_id wanted{body.id("organisation_id").value_or(0)};
  if (made.name.empty())
    body.refuse("name is missing: say what the token is for");
  if (!grants)
    body.refuse("role is viewer, operator or admin");
  if (auto problem = body.problem())
    co_return failure(std::move(*problem));
  const auto organisation = co_await organisation_for(desk, one, wanted);
  if (!organisation)
    co_return failure(organisation.error());
  made.organisation = *organisation;
  const auto token = draw_token();
  made.id = {desk.ids.next()};
  one.made = to_string(made.id);
  one.concerns = made.organisation;
  made.grants = *grants;
  made.hash = to_hex(hash_token(token));
  made.created_by = one.who.name;
  unit_of_work unit;
  unit.changes.emplace_back(add_token{made});
  auto stored = co_await commit_for(desk, one, std::move(unit));
  if (!stored)
    co_return failure(std::move(stored.error()));
  made.created_at = desk.clock.now();
  desk.tokens.add(made);
  auto reply = json_reply(json_of(made, token), 201);
  reply.headers.add("Location", "/api/v1/tokens/" + to_string(made.id));
  co_return reply;
}

/// The newest first.
answer list(service_desk& desk, call& one) {
  query_reader query(one.request);
  const auto page = query.page();
  const auto from = page.cursor.empty() ? result<token_id>(token_id{}) : parse_id<token_id>(page.cursor);
  if (!from)
    query.refuse("the cursor is not one of this list: start without a cursor");
  if (auto problem = query.problem())
    co_return failure(std::move(*problem));
  auto all = co_await known_tokens(desk, one);
  if (!all)
    co_return failure(std::move(all.error()));
  if (*from)
    std::erase_if(*all, [&](const access_token& each) { return each.id >= *from; });
  std::string next;
  if (std::ssize(*all) > page.limit) {
    all->resize(static_cast<std::size_t>(page.limit));
    next = to_string(all->back().id);
  }
  co_return json_reply(
    render_list(*all, next, [](json_writer& out, const access_token& each) { render(out, each, {}); }));
}

answer show(service_desk& desk, call& one) {
  const auto found = co_await find(desk, one);
  if (!found)
    co_return failure(found.error());
  co_return json_reply(json_of(*found));
}

/// It is good for nothing from the answer on; on other nodes once they have looked.
answer revoke(service_desk& desk, call& one) {
  const auto id = parse_id<token_id>(one.id());
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
  unit.changes.emplace_back(remove_token{*id});
  auto stored = co_await commit_for(desk, one, std::move(unit), std::move(before));
  if (!stored)
    co_return failure(std::move(stored.error()));
  desk.tokens.remove(*id);
  co_return no_content();
}

} // namespace

std::span<const route> token_routes() {
  static constexpr route table[] = {
    {"POST", "/api/v1/tokens", scoped(access_level::admin), create, without_query, without_effects, without_version,
     tells_a_secret},
    {"GET", "/api/v1/tokens", scoped(access_level::admin), list, with_query},
    {"GET", "/api/v1/tokens/{id}", scoped(access_level::admin), show},
    {"DELETE", "/api/v1/tokens/{id}", scoped(access_level::admin), revoke},
  };
  return table;
}

} // namespace penstock::gateway
