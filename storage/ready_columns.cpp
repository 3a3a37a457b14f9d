#include "storage/ready_columns.hpp"

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

void ready_columns::bind(statement& sql) {
  sql.out(id_).out(kind_id_).out(priority_).out(attempts_).out(ties_).out(run_at_).out(args_);
  sql.out(max_attempts_).out(backoff_).out(timeout_us_).out(group_key_).out(stream_);
  sql.out(integration_id_).out(organisation_id_).out(run_id_).out(parent_id_).out(trace_id_);
}

ready_job ready_columns::job(const std::string& queue, const std::string& kind) const {
  ready_job found;
  found.id = {id_};
  found.queue = queue;
  found.kind = kind;
  if (!has_large_args())
    found.args = args_.value_or("{}");
  found.priority = static_cast<std::uint8_t>(priority_);
  found.run_at = moment(run_at_);
  found.attempts = static_cast<std::uint16_t>(attempts_);
  if (max_attempts_.has_value())
    found.max_attempts = static_cast<std::uint16_t>(max_attempts_.value);
  if (backoff_.has_value())
    found.backoff = stored_backoff(backoff_.value, id_);
  if (timeout_us_.has_value())
    found.timeout = duration{timeout_us_.value};
  if (group_key_.has_value())
    found.group_key = group_key_.value;
  if (stream_.has_value())
    found.stream = stream_.value;
  found.integration = {integration_id_.value_or(0)};
  found.organisation = {organisation_id_.value_or(0)};
  found.run = {run_id_.value_or(0)};
  found.parent = {parent_id_.value_or(0)};
  if (trace_id_.has_value())
    found.trace_id = trace_id_.value;
  found.has_payload = (ties_ & job_ties::any_payload) != 0;
  found.tied = ties_ != 0;
  found.in_order = (ties_ & job_ties::group) != 0;
  found.keep_bodies = (ties_ & job_ties::bodies) != 0;
  return found;
}

} // namespace penstock::storage
