#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "connectors/apple_health/element_turn.hpp"
#include "connectors/apple_health/kinds.hpp"
#include "connectors/apple_health/large_object.hpp"
#include "connectors/apple_health/metric_point.hpp"
#include "connectors/apple_health/metric_spans.hpp"
#include "connectors/apple_health/object_rows.hpp"
#include "connectors/apple_health/payload_reader.hpp"
#include "connectors/apple_health/tables.hpp"
#include "connectors/apple_health/tell_errors.hpp"
#include "connectors/apple_health/turn_args.hpp"
#include "connectors/follow_up.hpp"

namespace penstock::connectors::apple_health {
namespace {

/// A point is some dozens of bytes.
constexpr std::size_t most_of_a_point = 64 * 1024;

element_reading read_metric_point(json_walk& walk, const export_list& list) {
  thread_local std::string text;
  element_reading found;
  if (!walk.copy_value(text, most_of_a_point))
    found.problem = "the point is larger than " + std::to_string(most_of_a_point) + " bytes";
  else if (!walk.problem())
    found.problem = read_point(text, list.name, list.units, found.row);
  return found;
}

/// What stands in a row without its lists is told.
void tell_left_out(const large_object& object, std::size_t most, element_reading& found) {
  if (object.left_out().empty())
    return;
  found.partly = "it is larger than " + std::to_string(most) + " bytes and is kept without";
  for (const auto& name : object.left_out())
    found.partly += " " + name.substr(0, 40);
}

element_reader workout_reader(std::size_t most) {
  return [most](json_walk& walk, const export_list&) {
    element_reading found;
    large_object workout;
    found.problem = workout.read(walk, most);
    tell_left_out(workout, most, found);
    if (found.problem.empty())
      found.problem = workout_row(workout, found.row);
    return found;
  };
}

element_reader record_reader(std::size_t most) {
  return [most](json_walk& walk, const export_list& list) {
    element_reading found;
    large_object record;
    found.problem = record.read(walk, most);
    tell_left_out(record, most, found);
    if (found.problem.empty())
      found.problem = record_row(record, list.name, found.row);
    return found;
  };
}

result<unit_of_work> run_turn(process_context& context, std::string_view table, const element_reader& read) {
  const auto& job = context.job;
  auto args = parse_turn_args(job.kind, job.args);
  if (!args)
    return failure(std::move(args.error()));
  if (!context.pieces || !job.integration || !job.parent)
    return failure(error_code::invalid_argument,
                   job.kind + ": it belongs to an integration, and reads what apple_health.hook brought");
  // An export that came later goes before one that came earlier, whichever is stored first.
  const auto version = job.parent.value;
  auto turn = read_turn(reader_of(*context.pieces), std::move(*args), std::string(table), version, read);
  if (!turn)
    return failure(std::move(turn.error()));

  unit_of_work unit;
  unit.ends = attempt_end{};
  unit.ends->result = boost::json::serialize(
    boost::json::object{{"read", static_cast<std::int64_t>(turn->rows.size())}, {"wrong", turn->wrong}});
  const auto spans = table == metrics_table ? spans_of(turn->rows) : std::vector<metric_span>{};
  if (!turn->rows.empty())
    unit.rows.push_back({std::string(table), job.integration, std::move(turn->rows)});
  unit.row_errors = std::move(turn->errors);
  tell_errors(context, job.parent, unit);
  if (!turn->next.done()) {
    auto next = follow_up(job, job.kind);
    next.group_key = job.group_key;
    next.args = to_text(turn->next);
    unit.jobs.push_back(std::move(next));
  }
  if (!spans.empty()) {
    // Behind the next turn, in whose order it runs: the end of this one may have parted the points of a moment.
    auto merge = follow_up(job, "apple_health.merge_sources");
    merge.group_key = job.group_key;
    merge.args = to_text(spans);
    unit.jobs.push_back(std::move(merge));
  }
  return unit;
}

job_handler data_handler(std::string kind, std::string_view table, element_reader read) {
  return {job_kind::process(std::move(kind)),
          process_handler(
            [table, read = std::move(read)](process_context& context) { return run_turn(context, table, read); }),
          true};
}

} // namespace

job_handler metric_data() { return data_handler("apple_health.metric_data", metrics_table, read_metric_point); }

job_handler workout_data(std::size_t most_of_a_workout) {
  return data_handler("apple_health.workout_data", workouts_table, workout_reader(most_of_a_workout));
}

job_handler record_data(std::size_t most_of_a_record) {
  return data_handler("apple_health.record_data", records_table, record_reader(most_of_a_record));
}

} // namespace penstock::connectors::apple_health
