#include "gateway/render.hpp"
#include "messages/actors/queue.hpp"

namespace penstock::gateway {
namespace {

void render_warnings(json_writer& out, const std::vector<queue_warning>& warnings) {
  out.key("warnings").begin_array();
  for (const auto& each : warnings)
    out.begin_object().key("kind").text(each.kind).key("message").text(each.message).end_object();
  out.end_array();
}

void render_counts(json_writer& out, const storage::queue_summary& stored) {
  out.key("counts").begin_object();
  out.key("waiting").number(stored.waiting).key("active").number(stored.active);
  out.key("completed").number(stored.completed).key("failed").number(stored.failed);
  out.key("delayed").number(stored.delayed).key("paused").number(stored.stands_still() ? stored.waiting : 0);
  out.key("awaiting_children").number(stored.awaiting_children).key("cancelled").number(stored.cancelled);
  out.end_object();
}

duration oldest_age(const storage::queue_summary& stored, timestamp now) {
  const bool waits = stored.oldest_waiting_since != no_time && stored.oldest_waiting_since < now;
  return waits ? now - stored.oldest_waiting_since : duration{0};
}

} // namespace

void render(json_writer& out, const storage::queue_summary& stored, const actors::queue_state* live,
            const std::vector<queue_warning>& warnings, timestamp now) {
  out.begin_object();
  out.key("name").text(stored.name).key("paused").boolean(stored.stands_still()).key("concurrency");
  out.number_or_null(live ? std::optional<std::int64_t>(live->concurrency) : std::nullopt);
  render_counts(out, stored);
  out.key("oldest_waiting_ms").milliseconds(oldest_age(stored, now));
  out.key("throughput_per_minute").real(live ? live->throughput_per_minute : 0);
  out.key("limit").text_or_null(live ? live->limit : std::string{});
  render_warnings(out, warnings);
  out.key("stuck_workers").number(live ? static_cast<std::int64_t>(live->stuck_workers) : 0);
  out.key("active_jobs").begin_array();
  if (live)
    for (const auto job : live->active)
      out.id(job);
  out.end_array().end_object();
}

void render_health(json_writer& out, const storage::queue_summary& stored, const actors::queue_state* live,
                   const std::vector<queue_warning>& warnings, timestamp now) {
  out.begin_object();
  out.key("name")
    .text(stored.name)
    .key("healthy")
    .boolean(warnings.empty())
    .key("paused")
    .boolean(stored.stands_still());
  render_counts(out, stored);
  out.key("oldest_waiting_ms").milliseconds(oldest_age(stored, now));
  out.key("throughput_per_minute").real(live ? live->throughput_per_minute : 0);
  out.key("last_ended_at").time(live ? live->last_ended_at : no_time);
  render_warnings(out, warnings);
  out.end_object();
}

} // namespace penstock::gateway
