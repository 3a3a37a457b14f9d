#include "gateway/route_doc.hpp"

#include <algorithm>

namespace penstock::gateway {
namespace {

constexpr schema_doc schemas[] = {
  {"execution",
   "id:id kind:text queue:text state:text status:text group_key:text? run_id:id? stream:text? priority:int attempt:int "
   "max_attempts:int? timeout_ms:ms? backoff:text? run_at:time? created_at:time? started_at:time? finished_at:time? "
   "args:object? progress:object? result:object? errors:[object] children:object unique_key:text? integration_id:id? "
   "organisation_id:id? parent_id:id? triggered_by:text? trace_id:text?"},
  {"log_line", "attempt:int at:time? level:text message:text"},
  {"exchange",
   "attempt:int request:int try:int method:text url:text status:int? error:text? duration_ms:ms request_body:text? "
   "response_body:text? request_bytes:int response_bytes:int at:time?"},
  {"queue",
   "name:text paused:bool concurrency:int? counts:object oldest_waiting_ms:ms throughput_per_minute:number limit:text? "
   "warnings:[object] stuck_workers:int active_jobs:[id]"},
  {"queue_health", "name:text healthy:bool paused:bool counts:object oldest_waiting_ms:ms throughput_per_minute:number "
                   "last_ended_at:time? warnings:[object]"},
  {"integration",
   "id:id service:text name:text organisation_id:id? owner:text? status:text update_frequency_minutes:number? "
   "last_triggered_at:time? last_successful_update_at:time? next_due_at:time? authorised_at:time? awaits_consent:bool "
   "awaits_token:bool is_fetched:bool to_do:text? consecutive_failures:int last_error:text? live_run_id:id? "
   "config:object "
   "cursors:[object] webhook:object? "
   "created_at:time "
   "updated_at:time"},
  {"cursor", "stream:text cursor:object? run_id:id? page:int gap:text? updated_at:time?"},
  {"row_error", "id:id table:text source_id:text? message:text job_id:id kind:text? run_id:id? at:time"},
  {"run",
   "id:id integration_id:id job_id:id state:text dry_run:bool pages:int rows:object error:text? triggered_by:text? "
   "started_at:time? ended_at:time? duration_ms:ms"},
  {"schedule",
   "name:text cron:text every:text time_zone:text weekdays:[text]? kind:text args:object queue:text? "
   "more_jobs:[object] "
   "enabled:bool overlap:text catch_up_ms:ms? jitter_ms:ms stagger_ms:ms last_fired_at:time? last_outcome:text? "
   "next_runs:[text] declared:bool edited:bool created_at:time?"},
  {"occurrence", "at:time outcome:text reason:text job_ids:[id] note:text? decided_at:time?"},
  {"event", "specversion:text id:id source:text type:text subject:text time:time datacontenttype:text position:text "
            "integrationid:id organisationid:id data:object"},
  {"organisation", "id:id name:text created_at:time updated_at:time"},
  {"token",
   "id:id name:text role:text organisation_id:id? created_by:text created_at:time expires_at:time? last_used_at:time?"},
  {"user", "id:id name:text role:text organisation_id:id? created_by:text created_at:time updated_at:time "
           "last_signed_in_at:time?"},
  {"audit_entry", "id:id at:time actor:text action:text subject:text organisation_id:id? before:json after:json "
                  "request_id:text? "
                  "address:text?"},
};

} // namespace

std::span<const schema_doc> schema_docs() { return schemas; }

const route_doc* find_doc(std::string_view method, std::string_view pattern) noexcept {
  for (const auto docs : {execution_docs(), integration_docs(), schedule_docs(), access_docs()}) {
    const auto found = std::find_if(docs.begin(), docs.end(), [&](const route_doc& each) {
      return each.method == method && each.pattern == pattern;
    });
    if (found != docs.end())
      return &*found;
  }
  return nullptr;
}

documented_field take_field(std::string_view& fields) noexcept {
  const auto end = std::min(fields.find(' '), fields.size());
  auto text = fields.substr(0, end);
  fields.remove_prefix(std::min(end + 1, fields.size()));
  documented_field field;
  if (text.ends_with('!') || text.ends_with('?')) {
    field.required = text.ends_with('!');
    field.nullable = text.ends_with('?');
    text.remove_suffix(1);
  }
  const auto colon = std::min(text.find(':'), text.size());
  field.name = text.substr(0, colon);
  field.type = text.substr(std::min(colon + 1, text.size()));
  return field;
}

} // namespace penstock::gateway
