#include "gateway/api_tables.hpp"
#include "gateway/call_commit.hpp"
#include "gateway/enqueue_body.hpp"
#include "gateway/job_batches.hpp"
#include "gateway/list_page.hpp"
#include "gateway/query_reader.hpp"
#include "gateway/reach.hpp"
#include "gateway/render.hpp"
#include "gateway/replies.hpp"
#include "gateway/service_desk.hpp"
#include "net/problem.hpp"

namespace penstock::gateway {
namespace {

void write_enqueued(json_writer& out, const enqueued& one) {
  out.begin_object().key("id").id(one.id).key("deduplicated").boolean(one.deduplicated);
  if (one.once_more)
    out.key("once_more").boolean(true);
  out.end_object();
}

/// A caller that is bound to an organisation makes jobs of that one alone, which touch nothing of another.
std::optional<net::http_reply> bind_jobs(const service_desk& desk, const caller& who, std::vector<job_request>& jobs) {
  const auto refuse = [](const std::string& detail) {
    return net::problem_reply({.status = 403, .code = "bound_to_organisation", .detail = detail});
  };
  const auto own = to_string(who.organisation);
  for (auto& job : jobs) {
    const auto* kind = desk.kinds.find(job.kind);
    if (!kind)
      continue; // the store refuses it, and says why
    if (!kind->self_contained)
      return refuse("jobs of the kind '" + job.kind +
                    "' may touch what belongs to others: use the routes of integrations");
    if (!job.queue.empty() && job.queue != kind->queue)
      return refuse("queues are the whole node's: leave queue out, and the job takes that of its kind");
    if (job.organisation && job.organisation != who.organisation)
      return refuse("organisation_id is another than the one that the token is bound to: leave it out");
    if (!job.group_key.empty() && job.group_key != own && !job.group_key.starts_with(own + "/"))
      return refuse("group_key must begin with the organisation that the token is bound to: " + own);
    job.organisation = who.organisation;
  }
  return std::nullopt;
}

answer enqueue(service_desk& desk, call& one) {
  auto asked = read_enqueue_body(one.request.body, desk.clock.now());
  if (!asked)
    co_return failure(std::move(asked.error()));
  if (one.who.organisation)
    if (auto refusal = bind_jobs(desk, one.who, asked->jobs))
      co_return std::move(*refusal);
  if (one.who.is_stored())
    for (auto& job : asked->jobs)
      job.triggered_by = origin_of(one);
  const bool many = asked->is_array;
  unit_of_work unit;
  unit.jobs = std::move(asked->jobs);
  auto stored = co_await commit_unaudited(desk, one, std::move(unit));
  if (!stored)
    co_return failure(std::move(stored.error()));
  json_writer out;
  if (!many) {
    write_enqueued(out, stored->jobs.front());
    co_return json_reply(out, 201);
  }
  out.begin_object().key("items").begin_array();
  for (const auto& each : stored->jobs)
    write_enqueued(out, each);
  out.end_array().end_object();
  co_return json_reply(out, 201);
}

answer list(service_desk& desk, call& one) {
  query_reader query(one.request);
  storage::job_filter filter;
  const auto now = desk.clock.now();
  if (const auto state = query.text("state"); !state.empty() && !set_shown_state(filter, state, now))
    query.refuse("state is waiting, delayed, active, awaiting_children, completed, failed or cancelled");
  filter.queue = query.text("queue");
  filter.kind = query.text("kind");
  filter.text = query.text("q");
  filter.integration = query.id<integration_id>("integration");
  filter.run = query.id<run_id>("run");
  filter.organisation = one.who.organisation;
  const auto page = query.page();
  if (auto problem = query.problem())
    co_return failure(std::move(*problem));
  auto read = [filter, page](storage::read_session& db) { return db.jobs().list(filter, page); };
  auto found = co_await desk.port.read(std::move(read));
  if (!found)
    co_return failure(std::move(found.error()));
  co_return json_reply(render_list(found->items, found->next_cursor, [&](json_writer& out, const job_record& job) {
    render(out, as_its_queue_runs_it(job, desk.policies), desk.kinds, now);
  }));
}

answer show(service_desk& desk, call& one) {
  const auto id = parse_id<job_id>(one.id());
  if (!id)
    co_return failure(id.error());
  if (auto reached = co_await check_reach(desk, one, *id); !reached)
    co_return failure(std::move(reached.error()));
  auto read = [id = *id](storage::read_session& db) { return db.jobs().find(id); };
  auto found = co_await desk.port.read(std::move(read));
  if (!found)
    co_return failure(std::move(found.error()));
  json_writer out;
  render(out, as_its_queue_runs_it(std::move(*found), desk.policies), desk.kinds, desk.clock.now());
  co_return json_reply(out);
}

answer exchanges(service_desk& desk, call& one) {
  const auto id = parse_id<job_id>(one.id());
  if (!id)
    co_return failure(id.error());
  query_reader query(one.request);
  const auto page = query.page();
  if (auto problem = query.problem())
    co_return failure(std::move(*problem));
  if (auto reached = co_await check_reach(desk, one, *id); !reached)
    co_return failure(std::move(reached.error()));
  auto read = [id = *id, page](storage::read_session& db) -> result<storage::page_of<http_exchange>> {
    if (auto known = db.jobs().find(id); !known)
      return failure(std::move(known.error()));
    auto all = db.jobs().exchanges(id);
    if (!all)
      return failure(std::move(all.error()));
    return page_by_place(std::move(*all), page);
  };
  auto found = co_await desk.port.read(std::move(read));
  if (!found)
    co_return failure(std::move(found.error()));
  co_return json_reply(render_list(found->items, found->next_cursor,
                                   [](json_writer& out, const http_exchange& each) { render(out, each); }));
}

answer logs(service_desk& desk, call& one) {
  const auto id = parse_id<job_id>(one.id());
  if (!id)
    co_return failure(id.error());
  query_reader query(one.request);
  const auto page = query.page();
  if (auto problem = query.problem())
    co_return failure(std::move(*problem));
  if (auto reached = co_await check_reach(desk, one, *id); !reached)
    co_return failure(std::move(reached.error()));
  auto read = [id = *id, page](storage::read_session& db) -> result<storage::page_of<job_log_line>> {
    if (auto known = db.jobs().find(id); !known)
      return failure(std::move(known.error()));
    auto all = db.jobs().logs(id);
    if (!all)
      return failure(std::move(all.error()));
    return page_by_place(std::move(*all), page);
  };
  auto found = co_await desk.port.read(std::move(read));
  if (!found)
    co_return failure(std::move(found.error()));
  co_return json_reply(render_list(found->items, found->next_cursor,
                                   [](json_writer& out, const job_log_line& each) { render(out, each); }));
}

} // namespace

std::span<const route> execution_routes() {
  static constexpr route table[] = {
    {"POST", "/api/v1/executions", scoped(access_level::operating), enqueue},
    {"GET", "/api/v1/executions", scoped(access_level::viewer), list, with_query},
    {"GET", "/api/v1/executions/{id}", scoped(access_level::viewer), show},
    {"GET", "/api/v1/executions/{id}/logs", scoped(access_level::viewer), logs, with_query},
    {"GET", "/api/v1/executions/{id}/exchanges", scoped(access_level::viewer), exchanges, with_query},
  };
  return table;
}

} // namespace penstock::gateway
