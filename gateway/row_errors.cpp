// Rows of an integration that could not be stored, and why.
#include "core/quotable.hpp"
#include "gateway/api_tables.hpp"
#include "gateway/query_reader.hpp"
#include "gateway/reach.hpp"
#include "gateway/render.hpp"
#include "gateway/replies.hpp"
#include "storage/row_error_reads.hpp"

namespace penstock::gateway {
namespace {

/// What the provider calls a row; of one that is longer its beginning.
constexpr std::size_t longest_source_id = 200;

void render_error(json_writer& out, const storage::kept_row_error& each) {
  out.begin_object().key("id").text(std::to_string(each.id)).key("table").text(each.problem.table);
  out.key("source_id")
    .text_or_null(quotable(each.problem.source_id, longest_source_id))
    .key("message")
    .text(each.problem.message);
  out.key("job_id").id(each.job).key("kind").text_or_null(each.kind).key("run_id").id(each.run);
  out.key("at").time(each.at).end_object();
}

answer list(service_desk& desk, call& one) {
  const auto id = parse_id<integration_id>(one.id());
  if (!id)
    co_return failure(id.error());
  query_reader query(one.request);
  storage::row_error_filter filter;
  filter.integration = *id;
  filter.table = query.text("table");
  filter.kind = query.text("kind");
  filter.run = query.id<run_id>("run");
  filter.job = query.id<job_id>("job");
  filter.since = query.time("since");
  const auto page = query.page();
  if (auto problem = query.problem())
    co_return failure(std::move(*problem));
  if (auto reached = co_await check_reach(desk, one, *id); !reached)
    co_return failure(std::move(reached.error()));
  using found_page = result<storage::page_of<storage::kept_row_error>>;
  auto read = [filter, page](storage::read_session& db) -> found_page {
    if (auto known = db.integrations().find(filter.integration); !known)
      return failure(std::move(known.error()));
    return storage::read_row_errors(db.rows(), filter, page);
  };
  auto found = co_await desk.port.read(std::move(read));
  if (!found)
    co_return failure(std::move(found.error()));
  co_return json_reply(render_list(found->items, found->next_cursor, render_error));
}

} // namespace

std::span<const route> row_error_routes() {
  static constexpr route table[] = {
    {"GET", "/api/v1/integrations/{id}/row-errors", scoped(access_level::viewer), list, with_query},
  };
  return table;
}

} // namespace penstock::gateway
