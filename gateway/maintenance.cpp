#include "gateway/api_tables.hpp"
#include "gateway/body_reader.hpp"
#include "gateway/call_commit.hpp"
#include "gateway/replies.hpp"

namespace penstock::gateway {
namespace {

answer show(service_desk& desk, call& one) {
  auto read = [](storage::read_session& db) { return db.jobs().maintenance(); };
  const auto found = co_await desk.port.read(std::move(read));
  if (!found)
    co_return failure(found.error());
  json_writer out;
  out.begin_object().key("on").boolean(found->on).key("since").time(found->since);
  out.key("by").text_or_null(one.who.organisation ? "" : found->by).end_object();
  co_return json_reply(out);
}

answer set(service_desk& desk, call& one) {
  body_reader body(one.request.body);
  const auto on = body.boolean("on");
  if (!on)
    body.refuse("on is true or false");
  if (auto problem = body.problem())
    co_return failure(std::move(*problem));
  unit_of_work unit;
  unit.changes.emplace_back(set_maintenance{*on, one.who.name});
  const auto stored = co_await commit_for(desk, one, std::move(unit));
  if (!stored)
    co_return failure(stored.error());
  auto reply = co_await show(desk, one);
  co_return reply;
}

} // namespace

std::span<const route> maintenance_routes() {
  static constexpr route table[] = {
    {"GET", "/api/v1/maintenance", scoped(access_level::viewer), show},
    {"POST", "/api/v1/maintenance", access_level::admin, set},
  };
  return table;
}

} // namespace penstock::gateway
