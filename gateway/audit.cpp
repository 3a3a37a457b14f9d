#include "gateway/api_tables.hpp"
#include "gateway/query_reader.hpp"
#include "gateway/render.hpp"
#include "gateway/replies.hpp"
#include "gateway/service_desk.hpp"

namespace penstock::gateway {
namespace {

/// Newest first. A caller that is bound to an organisation sees what its callers did, and what others did to what is its own.
answer list(service_desk& desk, call& one) {
  query_reader query(one.request);
  storage::audit_filter filter;
  filter.actor = query.text("actor");
  filter.subject = query.text("subject");
  filter.organisation = one.who.organisation;
  const auto page = query.page();
  if (auto problem = query.problem())
    co_return failure(std::move(*problem));
  auto read = [filter, page](storage::read_session& db) { return db.access().audit(filter, page); };
  const auto found = co_await desk.port.read(std::move(read));
  if (!found)
    co_return failure(found.error());
  co_return json_reply(render_list(found->items, found->next_cursor,
                                   [](json_writer& out, const audit_entry& each) { render(out, each); }));
}

} // namespace

std::span<const route> audit_routes() {
  static constexpr route table[] = {
    {"GET", "/api/v1/audit", scoped(access_level::admin), list, with_query},
  };
  return table;
}

} // namespace penstock::gateway
