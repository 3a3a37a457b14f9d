#include "connectors/apple_health/tables.hpp"

#include <string>

#include "connectors/synced_table.hpp"

namespace penstock::connectors::apple_health {
namespace {

storage::migration create_tables() {
  return {"apple_health",
          1,
          "create health_metrics, health_workouts and health_records",
          {"CREATE TABLE health_metrics (" + synced_columns +
             "name TEXT NOT NULL, recorded_at BIGINT NOT NULL, source TEXT, qty DOUBLE PRECISION, "
             "min DOUBLE PRECISION, avg DOUBLE PRECISION, max DOUBLE PRECISION, units TEXT, extra TEXT, " +
             synced_key,
           "CREATE TABLE health_workouts (" + synced_columns +
             "name TEXT NOT NULL, started_at BIGINT NOT NULL, ended_at BIGINT, duration_s DOUBLE PRECISION, "
             "energy DOUBLE PRECISION, energy_units TEXT, distance DOUBLE PRECISION, distance_units TEXT, "
             "raw TEXT NOT NULL, " +
             synced_key,
           "CREATE TABLE health_records (" + synced_columns +
             "kind TEXT NOT NULL, name TEXT, recorded_at BIGINT, ended_at BIGINT, source TEXT, raw TEXT NOT NULL, " +
             synced_key,
           "CREATE VIEW v_health_metrics AS SELECT integration_id, source_id, name, {utc:recorded_at} AS recorded_at, "
           "source, qty, min, avg, max, units, extra, " +
             shown_synced_columns + "FROM health_metrics",
           "CREATE VIEW v_health_workouts AS SELECT integration_id, source_id, name, {utc:started_at} AS started_at, "
           "{utc:ended_at} AS ended_at, duration_s, energy, energy_units, distance, distance_units, raw, " +
             shown_synced_columns + "FROM health_workouts",
           "CREATE VIEW v_health_records AS SELECT integration_id, source_id, kind, name, "
           "{utc:recorded_at} AS recorded_at, {utc:ended_at} AS ended_at, source, raw, " +
             shown_synced_columns + "FROM health_records"}};
}

/// What merge_kind.cpp looks for, and people too.
storage::migration index_metrics() {
  return {"apple_health",
          2,
          "find points of health_metrics by name and time",
          {"CREATE INDEX health_metrics_by_time ON health_metrics (integration_id, name, recorded_at)"}};
}

} // namespace

std::vector<table_schema> tables() {
  using enum column_type;
  return {{.name = std::string(metrics_table),
           .columns = {{"name", text},
                       {"recorded_at", integer},
                       {"source", text},
                       {"qty", real},
                       {"min", real},
                       {"avg", real},
                       {"max", real},
                       {"units", text},
                       {"extra", text}}},
          {.name = std::string(workouts_table),
           .columns = {{"name", text},
                       {"started_at", integer},
                       {"ended_at", integer},
                       {"duration_s", real},
                       {"energy", real},
                       {"energy_units", text},
                       {"distance", real},
                       {"distance_units", text},
                       {"raw", text}}},
          {.name = std::string(records_table),
           .columns = {{"kind", text},
                       {"name", text},
                       {"recorded_at", integer},
                       {"ended_at", integer},
                       {"source", text},
                       {"raw", text}}}};
}

std::vector<storage::migration> migrations() { return {create_tables(), index_metrics()}; }

} // namespace penstock::connectors::apple_health
