#include "storage/unit_outcome_text.hpp"

#include <vector>

#include <boost/json.hpp>

namespace penstock::storage {
namespace {

namespace json = boost::json;

json::array ids(const std::vector<job_id>& jobs) {
  json::array all;
  for (const auto job : jobs)
    all.push_back(job.value);
  return all;
}

std::vector<job_id> ids_of(const json::value& value) {
  std::vector<job_id> all;
  for (const auto& each : value.as_array())
    all.push_back({each.as_int64()});
  return all;
}

json::object text_of_job(const enqueued& job) {
  json::object text{{"id", job.id.value}};
  if (job.deduplicated)
    text["deduplicated"] = true;
  if (job.once_more)
    text["once_more"] = true;
  if (job.dropped)
    text["dropped"] = true;
  return text;
}

enqueued job_of_text(const json::object& text) {
  return {.id = {text.at("id").as_int64()},
          .deduplicated = text.contains("deduplicated"),
          .once_more = text.contains("once_more"),
          .dropped = text.contains("dropped")};
}

json::object text_of_firing(const schedule_firing& firing) {
  return {{"name", firing.name},
          {"at", firing.at.time_since_epoch().count()},
          {"outcome", static_cast<std::int64_t>(firing.outcome)},
          {"jobs", ids(firing.jobs)},
          {"to_stop", ids(firing.to_stop)},
          {"cancelled", ids(firing.cancelled)},
          {"note", firing.note}};
}

schedule_firing firing_of_text(const json::object& text) {
  schedule_firing firing;
  firing.name = text.at("name").as_string();
  firing.at = timestamp{duration{text.at("at").as_int64()}};
  firing.outcome = static_cast<firing_outcome>(text.at("outcome").as_int64());
  firing.jobs = ids_of(text.at("jobs"));
  firing.to_stop = ids_of(text.at("to_stop"));
  firing.cancelled = ids_of(text.at("cancelled"));
  firing.note = text.at("note").as_string();
  return firing;
}

} // namespace

std::string text_of_outcome(const unit_result& outcome) {
  json::array jobs, created, firings;
  for (const auto& each : outcome.jobs)
    jobs.push_back(text_of_job(each));
  for (const auto each : outcome.created)
    created.push_back(each);
  for (const auto& each : outcome.firings)
    firings.push_back(text_of_firing(each));
  return json::serialize(json::object{{"jobs", jobs}, {"created", created}, {"firings", firings}});
}

unit_result outcome_of_text(const std::string& text) {
  const auto all = json::parse(text);
  unit_result outcome;
  for (const auto& each : all.at("jobs").as_array())
    outcome.jobs.push_back(job_of_text(each.as_object()));
  for (const auto& each : all.at("created").as_array())
    outcome.created.push_back(each.as_int64());
  for (const auto& each : all.at("firings").as_array())
    outcome.firings.push_back(firing_of_text(each.as_object()));
  return outcome;
}

} // namespace penstock::storage
