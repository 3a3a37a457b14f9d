#include "connectors/apple_health/tell_errors.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <boost/json.hpp>

#include "core/id_text.hpp"

namespace penstock::connectors::apple_health {
namespace {

constexpr std::size_t most_lines = 100, most_examples = 5;

} // namespace

void tell_errors(const process_context& context, job_id delivery, unit_of_work& unit) {
  const auto& errors = unit.row_errors;
  if (errors.empty())
    return;
  boost::json::array examples;
  for (std::size_t i = 0; i < std::min(errors.size(), most_lines); ++i) {
    const auto line = errors[i].table + ": " + errors[i].message;
    if (i < most_examples)
      examples.emplace_back(line);
    context.log.warn(line);
  }
  if (errors.size() > most_lines)
    context.log.warn(std::to_string(errors.size() - most_lines) + " more stand in the table row_errors");
  const auto& job = context.job;
  event_draft told;
  told.type = "records.rejected";
  told.subject = "integrations/" + to_string(job.integration);
  told.data = boost::json::serialize(boost::json::object{{"table", errors.front().table},
                                                         {"errors", errors.size()},
                                                         {"examples", std::move(examples)},
                                                         {"job", to_string(job.id)},
                                                         {"delivery", to_string(delivery)}});
  told.integration = job.integration;
  told.organisation = job.organisation;
  unit.events.push_back(std::move(told));
}

} // namespace penstock::connectors::apple_health
