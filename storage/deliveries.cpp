#include "storage/deliveries.hpp"

#include <string>
#include <utility>

#include <boost/json.hpp>

#include "core/id_text.hpp"
#include "core/integration_state.hpp"
#include "storage/child_counters.hpp"
#include "storage/integration_rows.hpp"
#include "storage/job_results.hpp"

namespace penstock::storage {
namespace {

namespace json = boost::json;

/// An empty one, if there is none yet or it is no object.
json::object result_of(session& db, job_id id) {
  boost::system::error_code broken;
  auto parsed = json::parse(job_result(db, id), broken);
  return !broken && parsed.is_object() ? std::move(parsed).as_object() : json::object{};
}

json::object rows_in(const json::object& result) {
  const auto* rows = result.if_contains("rows");
  return rows && rows->is_object() ? rows->get_object() : json::object{};
}

void add(json::object& to, std::string_view name, std::int64_t count) {
  auto& sum = to[{name.data(), name.size()}];
  sum = (sum.is_int64() ? sum.get_int64() : 0) + count;
}

void tell_stored(write_state& state, const job_row& job, const integration& about) {
  json::object data{{"integration_id", to_string(about.id)},
                    {"service", about.service},
                    {"name", about.name},
                    {"delivery", to_string(job.id)},
                    {"state", about.last_error.empty() ? "completed" : "completed_with_failures"}};
  auto rows = rows_in(result_of(state.db, job.id));
  for (const auto* each : {"added", "updated", "unchanged", "deleted", "errors"})
    add(rows, each, 0);
  data["rows"] = std::move(rows);
  if (!about.last_error.empty())
    data["error"] = about.last_error;
  state.raise({.type = "integration.updated",
               .subject = "integrations/" + to_string(about.id),
               .data = json::serialize(data),
               .integration = about.id,
               .organisation = about.organisation});
}

} // namespace

void add_to_delivery(write_state& state, const job_row& job, const row_counts& rows) {
  auto delivery = job.id;
  if (!is_delivery(job)) {
    const auto parent = job.parent ? find_job_row(state.db, job.parent) : std::nullopt;
    if (!parent || !is_delivery(*parent))
      return;
    delivery = parent->id;
  }
  auto result = result_of(state.db, delivery);
  auto sums = rows_in(result);
  add(sums, "added", rows.added);
  add(sums, "updated", rows.updated);
  add(sums, "unchanged", rows.unchanged);
  add(sums, "deleted", rows.deleted);
  add(sums, "errors", rows.errors);
  result["rows"] = std::move(sums);
  set_job_result(state.db, delivery, json::serialize(result));
}

void note_delivery(write_state& state, const job_row& job, job_state as, const std::optional<error>& failure) {
  if (as != job_state::completed && as != job_state::failed)
    return;
  auto about = find_integration_row(state.db, job.integration);
  if (!about)
    return;
  about->updated_at = state.now;
  if (as == job_state::failed) {
    if (failure)
      about->last_error = failure->message;
    update_integration_row(state.db, *about);
    return; // job.failed tells
  }
  about->schedule = run_succeeded(about->schedule, state.now);
  about->last_error.clear();
  // As with runs: what was stored of it counts, and what was not is told.
  const auto parts = read_child_counts(state.db, job.id);
  const auto lost = parts.failed + parts.cancelled;
  if (lost > 0)
    about->last_error = std::to_string(lost) + " of the " + std::to_string(lost + parts.completed) +
                        " jobs of a delivery did not complete: penstock jobs show " + to_string(job.id);
  update_integration_row(state.db, *about);
  if (lost + parts.completed > 0)
    tell_stored(state, job, *about);
}

} // namespace penstock::storage
