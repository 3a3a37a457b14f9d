#include "actors/integration_fetch.hpp"

#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "actors/engine_kinds.hpp"
#include "connectors/args_reader.hpp"
#include "core/id_text.hpp"

namespace penstock::actors {

result<fetch_integration> read_fetch_args(const ready_job& job) {
  connectors::args_reader reader(std::string(integration_fetch_kind), job.args, {"integration_id", "force"});
  const auto text = reader.text("integration_id");
  fetch_integration asked;
  asked.force = reader.boolean("force", false);
  if (reader.problem())
    return failure(*reader.problem());
  const auto id = parse_id<integration_id>(text);
  if (!id)
    return failure(error_code::invalid_argument, std::string(integration_fetch_kind) + ": " + id.error().message);
  asked.integration = *id;
  asked.triggered_by = "job:" + to_string(job.id);
  return asked;
}

work_result fetch_outcome(const result<enqueued>& root) {
  work_result outcome;
  if (!root && root.error().code != error_code::conflict) {
    outcome.failed = root.error();
    return outcome;
  }
  boost::json::object told{{"started", root && !root->deduplicated}};
  if (root)
    told["job_id"] = to_string(root->id);
  else
    told["reason"] = root.error().message;
  attempt_end end;
  end.result = boost::json::serialize(told);
  outcome.unit.ends = std::move(end);
  return outcome;
}

} // namespace penstock::actors
