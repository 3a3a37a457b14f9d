#include <algorithm>

#include "core/integration_state.hpp"
#include "core/run_state.hpp"
#include "gateway/render.hpp"

namespace penstock::gateway {

void render(json_writer& out, const integration& value, const consent_state& consent,
            const std::vector<stream_cursor>* cursors, std::string_view webhook) {
  const auto& state = value.schedule;
  out.begin_object();
  out.key("id").id(value.id).key("service").text(value.service).key("name").text(value.name);
  out.key("organisation_id").id(value.organisation).key("owner").text_or_null(value.owner);
  out.key("status").text(to_string(state.status)).key("update_frequency_minutes");
  if (state.frequency > duration{0})
    out.real(std::chrono::duration<double, std::ratio<60>>(state.frequency).count());
  else
    out.null();
  out.key("last_triggered_at").time(state.last_triggered_at);
  out.key("last_successful_update_at").time(state.last_successful_update_at);
  out.key("next_due_at").time(state.next_due_at);
  out.key("authorised_at").time(consent.authorised_at).key("awaits_consent").boolean(consent.awaited);
  out.key("awaits_token").boolean(consent.token_awaited).key("is_fetched").boolean(consent.fetched);
  out.key("to_do").text_or_null(consent.to_do);
  out.key("consecutive_failures").number(state.consecutive_failures);
  out.key("last_error").text_or_null(value.last_error).key("live_run_id").id(value.live_run);
  out.key("config").raw(value.config);
  if (cursors) {
    out.key("cursors").begin_array();
    for (const auto& each : *cursors)
      render(out, each);
    out.end_array().key("webhook").raw(webhook);
  }
  out.key("created_at").time(value.created_at).key("updated_at").time(value.updated_at).end_object();
}

void render(json_writer& out, const stream_cursor& cursor) {
  out.begin_object().key("stream").text(cursor.stream).key("cursor").raw(cursor.cursor);
  out.key("run_id").id(cursor.run).key("page").number(cursor.page).key("gap").text_or_null(cursor.gap);
  out.key("updated_at").time(cursor.updated_at).end_object();
}

void render(json_writer& out, const run_difference& value) {
  out.begin_object().key("tables").begin_array();
  for (const auto& each : value.tables)
    out.begin_object()
      .key("table")
      .text(each.table)
      .key("added")
      .number(each.rows.added)
      .key("updated")
      .number(each.rows.updated)
      .key("unchanged")
      .number(each.rows.unchanged)
      .key("deleted")
      .number(each.rows.deleted)
      .end_object();
  out.end_array().key("rows").begin_array();
  for (const auto& each : value.rows)
    out.begin_object()
      .key("table")
      .text(each.table)
      .key("source_id")
      .text(each.source_id)
      .key("change")
      .text(each.deleted ? "deleted"
            : each.added ? "added"
                         : "updated")
      .key("before")
      .raw(each.before)
      .key("after")
      .raw(each.after)
      .end_object();
  out.end_array().end_object();
}

void render(json_writer& out, const run& value, timestamp now) {
  const auto end = value.ended_at == no_time ? now : value.ended_at;
  out.begin_object();
  out.key("id").id(value.id).key("integration_id").id(value.integration).key("job_id").id(value.root);
  out.key("state").text(to_string(value.state)).key("dry_run").boolean(value.dry).key("pages").number(value.pages);
  out.key("rows").begin_object().key("added").number(value.rows.added).key("updated").number(value.rows.updated);
  out.key("unchanged").number(value.rows.unchanged).key("deleted").number(value.rows.deleted);
  out.key("errors").number(value.rows.errors).end_object();
  out.key("error").text_or_null(value.error).key("triggered_by").text_or_null(value.triggered_by);
  out.key("started_at").time(value.started_at).key("ended_at").time(value.ended_at);
  out.key("duration_ms").milliseconds(std::max(duration{0}, end - value.started_at)).end_object();
}

} // namespace penstock::gateway
