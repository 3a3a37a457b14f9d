#include "storage/job_columns.hpp"

#include "core/id_generator.hpp"
#include "storage/job_ties.hpp"
#include "storage/storage_exception.hpp"

namespace penstock::storage {
namespace {

backoff_policy stored_backoff(const std::string& text, std::int64_t id) {
  auto policy = backoff_policy::parse(text);
  if (!policy)
    throw storage_exception(error{error_code::storage_failed, "the backoff of job " + std::to_string(id) +
                                                                " is damaged: " + policy.error().message});
  return std::move(*policy);
}

} // namespace

void job_columns::bind(statement& sql) {
  sql.out(id_).out(queue_).out(kind_).out(state_).out(priority_).out(attempts_).out(ties_).out(run_at_).out(args_);
  sql.out(started_at_).out(finished_at_).out(result_).out(max_attempts_).out(backoff_).out(timeout_us_);
  sql.out(unique_key_).out(group_key_).out(stream_).out(integration_id_).out(organisation_id_).out(run_id_);
  sql.out(parent_id_).out(triggered_by_).out(trace_id_);
}

ready_job job_columns::job() const {
  ready_job found;
  found.id = {id_};
  found.queue = queue_;
  found.kind = kind_;
  found.args = has_large_args() ? std::string{} : args_.value_or("{}");
  found.priority = static_cast<std::uint8_t>(priority_);
  found.run_at = moment(run_at_);
  found.attempts = static_cast<std::uint16_t>(attempts_);
  if (max_attempts_.has_value())
    found.max_attempts = static_cast<std::uint16_t>(max_attempts_.value);
  if (backoff_.has_value())
    found.backoff = stored_backoff(backoff_.value, id_);
  if (timeout_us_.has_value())
    found.timeout = duration{timeout_us_.value};
  found.group_key = group_key_.value_or("");
  found.stream = stream_.value_or("");
  found.integration = {integration_id_.value_or(0)};
  found.organisation = {organisation_id_.value_or(0)};
  found.run = {run_id_.value_or(0)};
  found.parent = {parent_id_.value_or(0)};
  found.trace_id = trace_id_.value_or("");
  found.has_payload = (ties_ & job_ties::payload) != 0;
  return found;
}

job_record job_columns::record() const {
  job_record found;
  found.job = job();
  found.state = static_cast<job_state>(state_);
  found.unique_key = unique_key_.value_or("");
  found.triggered_by = triggered_by_.value_or("");
  found.result = result_.value_or("");
  found.created_at = id_generator::time_of(id_);
  // Both columns hold a place-keeper until the job's own work is done, or it ended.
  if (state() != job_state::waiting)
    found.started_at = moment(started_at_);
  if (is_ended(state()))
    found.finished_at = moment(finished_at_);
  return found;
}

bool job_columns::has_large_args() const noexcept { return (ties_ & job_ties::large_args) != 0; }

bool job_columns::has_children() const noexcept { return (ties_ & job_ties::children) != 0; }

} // namespace penstock::storage
