#include <algorithm>

#include "core/quotable.hpp"
#include "gateway/api_tables.hpp"
#include "gateway/body_reader.hpp"
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

net::asio::awaitable<result<known_queues>> all_queues(service_desk& desk) {
  auto read = [now = desk.clock.now()](storage::read_session& db) { return db.jobs().queues(now); };
  auto stored = co_await desk.port.read(std::move(read));
  if (!stored)
    co_return failure(std::move(stored.error()));
  auto live = co_await desk.port.queue_states();
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
  std::sort(all.begin(), all.end(),
            [](const known_queue& a, const known_queue& b) { return a.stored.name < b.stored.name; });
  co_return all;
}

auto no_queue(const std::string& name) {
  return failure(error_code::not_found, "there is no queue '" + quotable(name, 80) + "'");
}

net::asio::awaitable<result<known_queue>> find_queue(service_desk& desk, const std::string& name) {
  auto all = co_await all_queues(desk);
  if (!all)
    co_return failure(std::move(all.error()));
  for (auto& each : *all)
    if (each.stored.name == name)
      co_return std::move(each);
  co_return no_queue(name);
}

void render_known(json_writer& out, const known_queue& queue, timestamp now) {
  render(out, queue.stored, queue.live ? &*queue.live : nullptr, now);
}

answer list(service_desk& desk, call&) {
  auto all = co_await all_queues(desk);
  if (!all)
    co_return failure(std::move(all.error()));
  co_return json_reply(render_list(
    *all, {}, [now = desk.clock.now()](json_writer& out, const known_queue& each) { render_known(out, each, now); }));
}

answer show(service_desk& desk, call& one) {
  auto found = co_await find_queue(desk, one.id());
  if (!found)
    co_return failure(std::move(found.error()));
  json_writer out;
  render_known(out, *found, desk.clock.now());
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
  auto stored = co_await desk.port.commit(std::move(unit));
  if (!stored)
    co_return failure(std::move(stored.error()));
  desk.port.pause_queue(name, paused);
  known->stored.paused = paused;
  json_writer out;
  render_known(out, *known, desk.clock.now());
  co_return json_reply(out);
}

answer pause(service_desk& desk, call& one) { return set_paused(desk, one, true); }
answer resume(service_desk& desk, call& one) { return set_paused(desk, one, false); }

struct retry_counts {
  std::int64_t retried = 0, refused = 0;
};

/// Together if possible; if one of them stands in the way (somebody else retried it), one by one.
net::asio::awaitable<result<retry_counts>> retry_page(node_port& port, const std::vector<job_record>& failed) {
  retry_counts counts;
  unit_of_work together;
  for (const auto& each : failed)
    together.changes.emplace_back(retry_job{each.job.id});
  auto stored = co_await port.commit(std::move(together));
  if (stored) {
    counts.retried = std::ssize(failed);
    co_return counts;
  }
  const auto stands_in_the_way = [](const error& why) {
    return why.code == error_code::conflict || why.code == error_code::not_found;
  };
  if (!stands_in_the_way(stored.error()))
    co_return failure(std::move(stored.error()));
  for (const auto& each : failed) {
    unit_of_work alone;
    alone.changes.emplace_back(retry_job{each.job.id});
    auto one = co_await port.commit(std::move(alone));
    if (!one && !stands_in_the_way(one.error()))
      co_return failure(std::move(one.error()));
    ++(one ? counts.retried : counts.refused);
  }
  co_return counts;
}

/// All failed jobs of a queue, at most 10,000 in one call: `more` says that there are others.
answer retry_failed(service_desk& desk, call& one) {
  auto known = co_await find_queue(desk, one.id());
  if (!known)
    co_return failure(std::move(known.error()));
  constexpr int most_pages = 50;
  storage::job_filter filter;
  filter.state = job_state::failed;
  filter.queue = one.id();
  storage::page_request page;
  page.limit = 200;
  retry_counts counts;
  bool more = true;
  for (int i = 0; i < most_pages && more; ++i) {
    auto read = [filter, page](storage::read_session& db) { return db.jobs().list(filter, page); };
    auto failed = co_await desk.port.read(std::move(read));
    if (!failed)
      co_return failure(std::move(failed.error()));
    if (!failed->items.empty()) {
      auto done = co_await retry_page(desk.port, failed->items);
      if (!done)
        co_return failure(std::move(done.error()));
      counts.retried += done->retried;
      counts.refused += done->refused;
    }
    page.cursor = failed->next_cursor;
    more = !page.cursor.empty();
  }
  json_writer out;
  out.begin_object().key("retried").number(counts.retried).key("refused").number(counts.refused);
  out.key("more").boolean(more).end_object();
  co_return json_reply(out);
}

constexpr route table[] = {
  {"GET", "/api/v1/queues", access_level::viewer, list},
  {"GET", "/api/v1/queues/{name}", access_level::viewer, show},
  {"POST", "/api/v1/queues/{name}/pause", access_level::operating, pause},
  {"POST", "/api/v1/queues/{name}/resume", access_level::operating, resume},
  {"POST", "/api/v1/queues/{name}/retry-failed", access_level::operating, retry_failed},
};

} // namespace

std::span<const route> queue_routes() { return table; }

} // namespace penstock::gateway
