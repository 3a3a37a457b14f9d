#include <utility>

#include <boost/json.hpp>

#include "connectors/apple_health/export_index.hpp"
#include "connectors/apple_health/kinds.hpp"
#include "connectors/apple_health/payload_reader.hpp"
#include "connectors/apple_health/tell_errors.hpp"
#include "connectors/apple_health/turn_args.hpp"
#include "connectors/follow_up.hpp"

namespace penstock::connectors::apple_health {
namespace {

/// Jobs of one integration's exports run one at a time and in their order: what came last stands in the end.
void hand_on(const ready_job& job, std::string kind, std::vector<export_list> lists, unit_of_work& unit) {
  for (const auto& turn : first_turns(std::move(lists))) {
    auto next = follow_up(job, kind);
    next.parent = job.id;
    next.group_key = stream_group(job, "exports");
    next.args = to_text(turn);
    unit.jobs.push_back(std::move(next));
  }
}

result<unit_of_work> take_export(process_context& context) {
  const auto& job = context.job;
  if (!context.pieces || !job.integration)
    return failure(error_code::invalid_argument, job.kind + ": it belongs to an integration, and has a body to read");
  body_cursor body(reader_of(*context.pieces));
  auto index = index_export(body);
  if (!index)
    return failure(std::move(index.error()));

  unit_of_work unit;
  unit.ends = attempt_end{};
  unit.ends->result =
    boost::json::serialize(boost::json::object{{"points", export_index::elements_of(index->metrics)},
                                               {"workouts", export_index::elements_of(index->workouts)},
                                               {"records", export_index::elements_of(index->others)},
                                               {"bytes", static_cast<std::int64_t>(body.taken())}});
  unit.row_errors = std::move(index->errors);
  tell_errors(context, job.id, unit);
  hand_on(job, "apple_health.metric_data", std::move(index->metrics), unit);
  hand_on(job, "apple_health.workout_data", std::move(index->workouts), unit);
  hand_on(job, "apple_health.record_data", std::move(index->others), unit);
  return unit;
}

} // namespace

job_handler hook() { return {job_kind::webhook("apple_health.hook"), process_handler(take_export), true}; }

} // namespace penstock::connectors::apple_health
