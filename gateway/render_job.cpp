#include "core/job_state.hpp"
#include "gateway/render.hpp"

namespace penstock::gateway {
namespace {

/// The attempt that runs now, or the last one: 0 before the first.
std::int64_t attempt_of(const job_record& job) { return job.job.attempts + (job.state == job_state::active ? 1 : 0); }

void render_progress(json_writer& out, const progress& value) {
  out.begin_object().key("stage").text(value.stage).key("message").text(value.message);
  out.key("percent").number_or_null(value.percent).key("done").number_or_null(value.done);
  out.key("total").number_or_null(value.total).key("remaining_ms").milliseconds_or_null(value.remaining);
  out.end_object();
}

void render_error(json_writer& out, const attempt_error& value) {
  out.begin_object().key("attempt").number(value.attempt).key("class").text(to_string(value.cls));
  out.key("code").text(to_string(value.code)).key("message").text(value.message);
  out.key("at").time(value.at).key("node").text(value.node).end_object();
}

} // namespace

std::string_view execution_status(const job_record& job) {
  switch (job.state) {
    case job_state::waiting: return "PENDING";
    case job_state::active:
    case job_state::awaiting_children: return "RUNNING";
    case job_state::completed: return "COMPLETED";
    case job_state::cancelled: return "CANCELLED";
    case job_state::failed: break;
  }
  return !job.errors.empty() && job.errors.back().code == error_code::timed_out ? "TIMEOUT" : "FAILED";
}

void render(json_writer& out, const job_record& job, const job_kind_catalogue& kinds, timestamp now) {
  const auto& row = job.job;
  auto max_attempts = row.max_attempts;
  auto timeout = row.timeout;
  auto backoff = row.backoff;
  if (const auto* kind = kinds.find(row.kind)) {
    max_attempts = max_attempts.value_or(kind->max_attempts);
    timeout = timeout.value_or(kind->timeout);
    backoff = backoff.value_or(kind->backoff);
  }
  out.begin_object();
  out.key("id").id(row.id).key("kind").text(row.kind).key("queue").text(row.queue);
  out.key("state").text(shown_state(job.state, row.run_at, now)).key("status").text(execution_status(job));
  out.key("group_key").text_or_null(row.group_key).key("run_id").id(row.run).key("stream").text_or_null(row.stream);
  out.key("priority").number(row.priority).key("attempt").number(attempt_of(job));
  out.key("max_attempts").number_or_null(max_attempts).key("timeout_ms").milliseconds_or_null(timeout);
  out.key("backoff").text_or_null(backoff ? to_string(*backoff) : "");
  out.key("run_at").time(row.run_at).key("created_at").time(job.created_at);
  out.key("started_at").time(job.started_at).key("finished_at").time(job.finished_at);
  out.key("args").raw(row.args).key("progress");
  if (job.latest_progress)
    render_progress(out, *job.latest_progress);
  else
    out.null();
  out.key("result").raw(job.result).key("errors").begin_array();
  for (const auto& each : job.errors)
    render_error(out, each);
  out.end_array();
  out.key("children").begin_object().key("open").number(job.children.open);
  out.key("completed").number(job.children.completed).key("failed").number(job.children.failed);
  out.key("cancelled").number(job.children.cancelled).end_object();
  out.key("unique_key").text_or_null(job.unique_key).key("integration_id").id(row.integration);
  out.key("organisation_id").id(row.organisation).key("parent_id").id(row.parent);
  out.key("triggered_by").text_or_null(job.triggered_by).key("trace_id").text_or_null(row.trace_id);
  out.end_object();
}

void render(json_writer& out, const http_exchange& exchange) {
  out.begin_object().key("attempt").number(exchange.attempt).key("request").number(exchange.request_number);
  out.key("try").number(exchange.try_number).key("method").text(exchange.method).key("url").text(exchange.url);
  out.key("status").number_or_null(exchange.status == 0 ? std::nullopt : std::optional<std::int64_t>(exchange.status));
  out.key("error").text_or_null(exchange.error).key("duration_ms").milliseconds(exchange.took);
  if (!exchange.request_body.empty() || !exchange.response_body.empty()) {
    out.key("request_body").text_or_null(exchange.request_body);
    out.key("response_body").text_or_null(exchange.response_body);
  }
  out.key("request_bytes").number(exchange.request_bytes).key("response_bytes").number(exchange.response_bytes);
  out.key("at").time(exchange.at).end_object();
}

void render(json_writer& out, const job_log_line& line) {
  out.begin_object().key("attempt").number(line.attempt).key("at").time(line.at);
  out.key("level").text(to_string(line.level)).key("message").text(line.message).end_object();
}

} // namespace penstock::gateway
