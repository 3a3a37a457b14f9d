#include "gateway/render.hpp"
#include "messages/actors/queue.hpp"

namespace penstock::gateway {

void render(json_writer& out, const storage::queue_summary& stored, const actors::queue_state* live, timestamp now) {
  const bool waits = stored.oldest_waiting_since != no_time && stored.oldest_waiting_since < now;
  out.begin_object();
  out.key("name").text(stored.name).key("paused").boolean(stored.paused).key("concurrency");
  out.number_or_null(live ? std::optional<std::int64_t>(live->concurrency) : std::nullopt);
  out.key("counts").begin_object();
  out.key("waiting").number(stored.waiting).key("active").number(stored.active);
  out.key("completed").number(stored.completed).key("failed").number(stored.failed);
  out.key("delayed").number(stored.delayed).key("paused").number(stored.paused ? stored.waiting : 0);
  out.key("awaiting_children").number(stored.awaiting_children).key("cancelled").number(stored.cancelled);
  out.end_object();
  out.key("oldest_waiting_ms").milliseconds(waits ? now - stored.oldest_waiting_since : duration{0});
  out.key("throughput_per_minute").real(live ? live->throughput_per_minute : 0);
  out.key("stuck_workers").number(live ? static_cast<std::int64_t>(live->stuck_workers) : 0);
  out.key("active_jobs").begin_array();
  if (live)
    for (const auto job : live->active)
      out.id(job);
  out.end_array().end_object();
}

} // namespace penstock::gateway
