#include "storage/job_columns.hpp"

#include "core/id_generator.hpp"

namespace penstock::storage {

std::string job_columns::names() {
  return std::string{ready_columns::names} +
         ", q.name, k.name, j.state, j.started_at, j.finished_at, j.result, j.unique_key, j.triggered_by, "
         "e.started_at, e.finished_at";
}

void job_columns::bind(statement& sql) {
  ready_.bind(sql);
  sql.out(queue_).out(kind_).out(state_).out(started_at_).out(finished_at_);
  sql.out(result_).out(unique_key_).out(triggered_by_).out(plain_start_).out(plain_finish_);
}

ready_job job_columns::job() const {
  auto found = ready_.job(queue_, kind_);
  if (plain_finish_.has_value())
    ++found.attempts;
  return found;
}

job_record job_columns::record() const {
  job_record found;
  found.job = job();
  found.state = state();
  found.unique_key = unique_key_.value_or("");
  found.triggered_by = triggered_by_.value_or("");
  found.result = result_.value_or("");
  found.created_at = id_generator::time_of(id());
  // Both columns hold a place-keeper until the job's own work is done, or it ended.
  if (state() != job_state::waiting)
    found.started_at = moment(plain_start_.value_or(started_at_));
  if (is_ended(state()))
    found.finished_at = moment(plain_finish_.value_or(finished_at_));
  return found;
}

} // namespace penstock::storage
