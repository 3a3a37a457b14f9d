#include <algorithm>

#include "gateway/api_tables.hpp"
#include "gateway/replies.hpp"
#include "gateway/service_desk.hpp"
#include "messages/actors/queue.hpp"

namespace penstock::gateway {
namespace {

using live_queues = std::vector<actors::queue_state>;

/// The process answers.
answer healthz(service_desk&, call&) { co_return json_reply(R"({"status":"ok"})"); }

/// Ready when the database answers and takes writes and queues run; the error says which of them does not.
net::asio::awaitable<result<live_queues>> running_queues(service_desk& desk) {
  auto look = [](storage::read_session& db) { return db.events().last_position(); };
  const auto stored = co_await desk.port.read(std::move(look));
  if (!stored)
    co_return failure(error_code::unavailable, "the database does not answer: " + stored.error().message);
  if (auto writes = co_await desk.port.takes_writes(); !writes)
    co_return failure(std::move(writes.error()));
  auto queues = co_await desk.port.queue_states();
  if (!queues)
    co_return failure(std::move(queues.error()));
  for (const auto& each : *queues)
    if (each.draining)
      co_return failure(error_code::unavailable, "the node is stopping");
    else if (each.closed)
      co_return failure(error_code::storage_full, "the disk is nearly full: no new work is taken until there is room");
  co_return queues;
}

answer readyz(service_desk& desk, call&) {
  const auto queues = co_await running_queues(desk);
  if (!queues)
    co_return failure(queues.error());
  json_writer out;
  out.begin_object().key("status").text("ready").key("queues").number(std::ssize(*queues)).end_object();
  co_return json_reply(out);
}

answer about(service_desk& desk, call&) {
  const auto queues = co_await running_queues(desk);
  const auto now = desk.clock.now();
  json_writer out;
  out.begin_object().key("name").text(desk.node_name).key("version").text(desk.version);
  out.key("ready").boolean(queues.has_value()).key("started_at").time(desk.started_at);
  out.key("uptime_ms").milliseconds(std::max(duration{0}, now - desk.started_at)).key("now").time(now);
  out.key("queues").begin_array();
  if (queues)
    for (const auto& each : *queues)
      out.text(each.name);
  out.end_array().key("services").begin_array();
  for (const auto& connector : desk.connectors.connectors())
    for (const auto& service : connector.services)
      out.text(service.name);
  out.end_array().end_object();
  co_return json_reply(out);
}

} // namespace

std::span<const route> node_routes() {
  static constexpr route table[] = {
    {"GET", "/healthz", access_level::loopback, healthz},
    {"GET", "/readyz", access_level::loopback, readyz},
    {"GET", "/api/v1/node", access_level::viewer, about},
  };
  return table;
}

} // namespace penstock::gateway
