#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/queue_health.hpp"
#include "gateway/json_writer.hpp"
#include "messages/access.hpp"
#include "messages/event.hpp"
#include "messages/integration.hpp"
#include "messages/job.hpp"
#include "messages/job_kind.hpp"
#include "messages/schedule.hpp"
#include "storage/read_session.hpp"

namespace penstock::actors {
struct queue_state;
}

namespace penstock::gateway {

/// JSON of what the API shows. Field names are a contract: add, never rename.

/// An execution. `kinds` supplies what the job leaves to its kind; `now` tells a delayed job from a waiting one.
void render(json_writer& out, const job_record& job, const job_kind_catalogue& kinds, timestamp now);
void render(json_writer& out, const http_exchange& exchange);
void render(json_writer& out, const job_log_line& line);

/// The word that system 4's document has for a job's state: PENDING, RUNNING, COMPLETED, FAILED, TIMEOUT, CANCELLED.
[[nodiscard]] std::string_view execution_status(const job_record& job);

/// What is known of a person's consent to an integration.
struct consent_state {
  timestamp authorised_at = no_time; ///< its credential was last written (by a consent, or by a refresh); no_time
                                     ///< without one that can be read
  bool awaited = false;              ///< its service needs one, and there never was any
  bool token_awaited = false;        ///< its service needs a token of its own, and there never was any
  bool fetched = true;               ///< its service is fetched from; else all it has is sent by webhooks
  std::string to_do{};               ///< what somebody must do before it goes on, with the command; empty: nothing
};

/// An integration without its secrets. `cursors`, if given, go with it, and JSON of where its webhooks are taken.
void render(json_writer& out, const integration& value, const consent_state& consent,
            const std::vector<stream_cursor>* cursors = nullptr, std::string_view webhook = {});
void render(json_writer& out, const stream_cursor& cursor);
void render(json_writer& out, const run& value, timestamp now);
/// What a dry run would have done: counts by table, and rows as far as they were kept.
void render(json_writer& out, const run_difference& value);

/// A schedule with its next five times; of a disabled one there are none.
void render(json_writer& out, const schedule& value, timestamp now);
void render(json_writer& out, const schedule_occurrence& value);
void render(json_writer& out, const schedule_firing& value);

/// As `weekdays` of a schedule has them; Sunday is 0.
inline constexpr std::array<std::string_view, 7> weekday_names{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

/// A queue as the store knows it (`stored`) and as its actor does (`live`, null while it has none here), and what is
/// wrong with it.
void render(json_writer& out, const storage::queue_summary& stored, const actors::queue_state* live,
            const std::vector<queue_warning>& warnings, timestamp now);
/// Its health alone: {name, healthy, warnings, …}.
void render_health(json_writer& out, const storage::queue_summary& stored, const actors::queue_state* live,
                   const std::vector<queue_warning>& warnings, timestamp now);

void render(json_writer& out, const organisation& value);
/// `told_once`: the token itself, for the answer to who made it; empty: it is left out.
void render(json_writer& out, const access_token& value, std::string_view told_once);
/// Without the password's hash.
void render(json_writer& out, const user& value);
void render(json_writer& out, const audit_entry& value);

/// An event as a CloudEvents 1.0 document (structured mode), with the extension `position` for stored ones.
void render(json_writer& out, const event& value);

/// {"items": […], "next_cursor": "…"|null}
template <class Items, class RenderOne>
[[nodiscard]] std::string render_list(const Items& items, std::string_view next_cursor, RenderOne render_one) {
  json_writer out;
  out.begin_object().key("items").begin_array();
  for (const auto& each : items)
    render_one(out, each);
  out.end_array().key("next_cursor").text_or_null(next_cursor).end_object();
  return out.take();
}

} // namespace penstock::gateway
