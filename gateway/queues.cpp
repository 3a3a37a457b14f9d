#include <algorithm>

#include "actors/queue_facts.hpp"
#include "core/quotable.hpp"
#include "gateway/api_tables.hpp"
#include "gateway/body_reader.hpp"
#include "gateway/call_commit.hpp"
#include "gateway/job_batches.hpp"
#include "gateway/list_page.hpp"
#include "gateway/query_reader.hpp"
#include "gateway/render.hpp"
#include "gateway/replies.hpp"
#include "gateway/service_desk.hpp"
#include "messages/actors/queue.hpp"

namespace penstock::gateway {
namespace {

/// A queue of the store, of this node, or both.
struct known_queue {
  storage::queue_summary stored;
  std::optional<actors::queue_state> live;
};
using known_queues = std::vector<known_queue>;

net::asio::awaitable<result<known_queues>> all_queues(service_desk& desk, bool history) {
  auto read = [now = desk.clock.now()](storage::read_session& db) { return db.jobs().queues(now); };
  auto stored = co_await desk.port.read(std::move(read));
  if (!stored)
    co_return failure(std::move(stored.error()));
  auto live = co_await desk.port.queue_states(history);
  if (!live)
    co_return failure(std::move(live.error()));
  known_queues all;
  for (auto& each : *stored)
    all.push_back({std::move(each), {}});
  for (auto& each : *live) {
    auto place = std::find_if(all.begin(), all.end(), [&](const known_queue& q) { return q.stored.name == each.name; });
    if (place == all.end()) {
      place = all.insert(all.end(), known_queue{});
      place->stored.name = each.name;
      place->stored.paused = each.paused;
    }
    place->live = std::move(each);
  }
  co_return all;
}

auto no_queue(const std::string& name) {
  return failure(error_code::not_found, "there is no queue '" + quotable(name, 80) + "'");
}

net::asio::awaitable<result<known_queue>> find_queue(service_desk& desk, const std::string& name,
                                                     bool history = false) {
  auto all = co_await all_queues(desk, history);
  if (!all)
    co_return failure(std::move(all.error()));
  for (auto& each : *all)
    if (each.stored.name == name)
      co_return std::move(each);
  co_return no_queue(name);
}

std::vector<queue_warning> warnings_of(const service_desk& desk, const known_queue& queue, timestamp now) {
  const auto set = desk.thresholds.find(queue.stored.name);
  return judge_queue(actors::facts_of(queue.stored, queue.live ? &*queue.live : nullptr),
                     set == desk.thresholds.end() ? queue_thresholds{} : set->second, now);
}

void render_known(json_writer& out, const service_desk& desk, const known_queue& queue) {
  const auto now = desk.clock.now();
  render(out, queue.stored, queue.live ? &*queue.live : nullptr, warnings_of(desk, queue, now), now);
}

/// By name.
answer list(service_desk& desk, call& one) {
  query_reader query(one.request);
  const auto page = query.page();
  if (auto problem = query.problem())
    co_return failure(std::move(*problem));
  auto all = co_await all_queues(desk, false);
  if (!all)
    co_return failure(std::move(all.error()));
  const auto name_of = [](const known_queue& each) -> auto& { return each.stored.name; };
  const auto named = page_by_name(std::move(*all), page, name_of);
  co_return json_reply(
    render_list(named.items, named.next_cursor,
                [&desk](json_writer& out, const known_queue& each) { render_known(out, desk, each); }));
}

answer show(service_desk& desk, call& one) {
  auto found = co_await find_queue(desk, one.id());
  if (!found)
    co_return failure(std::move(found.error()));
  json_writer out;
  render_known(out, desk, *found);
  co_return json_reply(out);
}

answer set_paused(service_desk& desk, call& one, bool paused) {
  const std::string name = one.id();
  // A mistyped name must not make a queue.
  auto known = co_await find_queue(desk, name);
  if (!known)
    co_return failure(std::move(known.error()));
  unit_of_work unit;
  unit.changes.emplace_back(pause_queue{name, paused});
  auto stored = co_await commit_for(desk, one, std::move(unit));
  if (!stored)
    co_return failure(std::move(stored.error()));
  if (!stored->repeated) { // somebody may have said otherwise since
    desk.port.pause_queue(name, paused);
    known->stored.paused = paused;
  }
  json_writer out;
  render_known(out, desk, *known);
  co_return json_reply(out);
}

answer pause(service_desk& desk, call& one) { return set_paused(desk, one, true); }
answer resume(service_desk& desk, call& one) { return set_paused(desk, one, false); }

/// All failed jobs of a queue, at most 10,000 in one call: `more` says that there are others.
answer retry_failed(service_desk& desk, call& one) {
  auto known = co_await find_queue(desk, one.id());
  if (!known)
    co_return failure(std::move(known.error()));
  if (auto noted = co_await note_for(desk, one); !noted)
    co_return failure(std::move(noted.error()));
  storage::job_filter filter;
  filter.queue = one.id();
  auto counts = co_await act_on_jobs(desk.port, bulk_action::retry, std::move(filter), {}, false);
  if (!counts)
    co_return failure(std::move(counts.error()));
  json_writer out;
  out.begin_object().key("retried").number(counts->done).key("refused").number(counts->refused);
  out.key("refusal").text_or_null(counts->refusal);
  out.key("more").boolean(counts->more).end_object();
  co_return json_reply(out);
}

/// Removes failed jobs, at most 10,000 in one call, in small batches: no commit waits long for one.
answer flush(service_desk& desk, call& one) {
  body_reader body(one.request.body);
  constexpr std::int64_t longest_age_ms = 3'650LL * 24 * 3600 * 1000;
  const auto older_than = body.integer("older_than_ms", 0, longest_age_ms).value_or(0);
  if (auto problem = body.problem())
    co_return failure(std::move(*problem));
  auto known = co_await find_queue(desk, one.id());
  if (!known)
    co_return failure(std::move(known.error()));
  if (auto noted = co_await note_for(desk, one); !noted)
    co_return failure(std::move(noted.error()));
  constexpr int most_batches = 20;
  flush_failed wanted;
  wanted.queue = one.id();
  wanted.before = desk.clock.now() - std::chrono::milliseconds(older_than);
  std::int64_t removed = 0;
  bool more = true;
  for (int i = 0; i < most_batches && more; ++i) {
    unit_of_work unit;
    unit.changes.emplace_back(wanted);
    auto stored = co_await desk.port.commit(std::move(unit));
    if (!stored)
      co_return failure(std::move(stored.error()));
    const auto gone = stored->created.empty() ? 0 : stored->created.front();
    removed += gone;
    more = gone == wanted.limit;
  }
  json_writer out;
  out.begin_object().key("removed").number(removed).key("more").boolean(more).end_object();
  co_return json_reply(out);
}

answer health(service_desk& desk, call& one) {
  auto found = co_await find_queue(desk, one.id());
  if (!found)
    co_return failure(std::move(found.error()));
  const auto now = desk.clock.now();
  json_writer out;
  render_health(out, found->stored, found->live ? &*found->live : nullptr, warnings_of(desk, *found, now), now);
  co_return json_reply(out);
}

/// Throughput by minute, the newest last; minutes in which nothing ended are left out. Since the node began, at most a
/// day.
answer history(service_desk& desk, call& one) {
  auto found = co_await find_queue(desk, one.id(), true);
  if (!found)
    co_return failure(std::move(found.error()));
  json_writer out;
  out.begin_object().key("name").text(found->stored.name);
  out.key("since").time(found->live ? found->live->began_at : no_time).key("minutes").begin_array();
  if (found->live)
    for (const auto& each : found->live->history)
      out.begin_object()
        .key("at")
        .time(each.begin)
        .key("completed")
        .number(static_cast<std::int64_t>(each.completed))
        .key("failed")
        .number(static_cast<std::int64_t>(each.failed))
        .end_object();
  out.end_array().end_object();
  co_return json_reply(out);
}

/// Runs the job that comes first, also in a paused queue, and tells which.
answer work_once(service_desk& desk, call& one) {
  auto known = co_await find_queue(desk, one.id());
  if (!known)
    co_return failure(std::move(known.error()));
  if (auto noted = co_await note_for(desk, one); !noted)
    co_return failure(std::move(noted.error()));
  auto started = co_await desk.port.run_one_of(one.id());
  if (!started)
    co_return failure(std::move(started.error()));
  // A queue hears of new jobs before the disk has them; nobody outside does.
  if (*started)
    if (auto stored =
          co_await desk.port.read([id = *started](storage::read_session& db) { return db.jobs().find(id); });
        !stored)
      co_return failure(std::move(stored.error()));
  json_writer out;
  out.begin_object().key("job_id").id(*started).end_object();
  co_return json_reply(out, *started ? 202 : 200);
}

} // namespace

std::span<const route> queue_routes() {
  static constexpr route table[] = {
    {"GET", "/api/v1/queues", access_level::viewer, list, with_query},
    {"GET", "/api/v1/queues/{name}", access_level::viewer, show},
    {"POST", "/api/v1/queues/{name}/pause", access_level::operating, pause},
    {"POST", "/api/v1/queues/{name}/resume", access_level::operating, resume},
    {"POST", "/api/v1/queues/{name}/retry-failed", access_level::operating, retry_failed},
    {"POST", "/api/v1/queues/{name}/flush", access_level::operating, flush},
    {"POST", "/api/v1/queues/{name}/work-once", access_level::operating, work_once},
    {"GET", "/api/v1/queues/{name}/health", access_level::viewer, health},
    {"GET", "/api/v1/queues/{name}/history", access_level::viewer, history},
  };
  return table;
}

} // namespace penstock::gateway
