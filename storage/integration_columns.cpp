#include "storage/integration_columns.hpp"

namespace penstock::storage {

void integration_columns::bind(statement& sql) {
  sql.out(id_).out(service_).out(name_).out(organisation_id_).out(owner_).out(config_).out(status_).out(frequency_us_);
  sql.out(last_triggered_at_).out(last_successful_update_at_).out(consecutive_failures_).out(next_due_at_);
  sql.out(live_run_id_).out(last_error_).out(created_at_).out(updated_at_).out(version_).out(triggered_at_);
}

integration integration_columns::value() const {
  integration found;
  found.id = {id_};
  found.service = service_;
  found.name = name_;
  found.organisation = {organisation_id_.value_or(0)};
  found.owner = owner_.value_or("");
  found.config = config_;
  found.schedule.status = static_cast<integration_status>(status_);
  found.schedule.frequency = duration{frequency_us_};
  found.schedule.last_triggered_at = moment_or_none(last_triggered_at_);
  found.schedule.last_successful_update_at = moment_or_none(last_successful_update_at_);
  found.schedule.consecutive_failures = static_cast<int>(consecutive_failures_);
  found.schedule.next_due_at = moment_or_none(next_due_at_);
  found.live_run = {live_run_id_.value_or(0)};
  found.last_error = last_error_.value_or("");
  found.created_at = moment(created_at_);
  found.updated_at = moment(updated_at_);
  found.version = version_;
  if (triggered_at_.has_value()) {
    found.schedule.status = integration_status::processing;
    found.schedule.last_triggered_at = found.updated_at = moment(triggered_at_.value);
    found.schedule.next_due_at = no_time;
  }
  return found;
}

void run_columns::bind(statement& sql) {
  sql.out(found_.id.value).out(found_.integration.value).out(found_.root.value).out(state_).out(found_.rows.added);
  sql.out(found_.rows.updated).out(found_.rows.unchanged).out(found_.rows.deleted).out(found_.rows.errors);
  sql.out(found_.pages).out(error_).out(triggered_by_).out(started_at_).out(ended_at_).out(dry_);
}

run run_columns::value() const {
  auto found = found_;
  found.state = static_cast<run_state>(state_);
  found.error = error_.value_or("");
  found.triggered_by = triggered_by_.value_or("");
  found.started_at = moment(started_at_);
  found.ended_at = moment_or_none(ended_at_);
  found.dry = dry_ != 0;
  return found;
}

} // namespace penstock::storage
