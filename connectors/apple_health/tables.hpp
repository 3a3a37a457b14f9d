#pragma once

#include <string_view>
#include <vector>

#include "messages/row.hpp"
#include "storage/migration.hpp"

namespace penstock::connectors::apple_health {

inline constexpr std::string_view metrics_table = "health_metrics";
inline constexpr std::string_view workouts_table = "health_workouts";
inline constexpr std::string_view records_table = "health_records";

/// Places of health_metrics' own columns in a row.
enum metric_column : std::size_t {
  metric_name,
  metric_recorded_at,
  metric_source,
  metric_qty,
  metric_min,
  metric_avg,
  metric_max,
  metric_units,
  metric_extra,
  metric_column_count
};

/// Places of health_workouts' own columns in a row.
enum workout_column : std::size_t {
  workout_name,
  workout_started_at,
  workout_ended_at,
  workout_duration_s,
  workout_energy,
  workout_energy_units,
  workout_distance,
  workout_distance_units,
  workout_raw,
  workout_column_count
};

/// Places of health_records' own columns in a row.
enum record_column : std::size_t {
  record_kind,
  record_name,
  record_recorded_at,
  record_ended_at,
  record_source,
  record_raw,
  record_column_count
};

/// All three, their columns in the order of the enumerations.
[[nodiscard]] std::vector<table_schema> tables();
[[nodiscard]] std::vector<storage::migration> migrations();

} // namespace penstock::connectors::apple_health
