#include "connectors/connector.hpp"

#include "connectors/probe/kinds.hpp"

namespace penstock::connectors::probe {
namespace {

storage::migration create_effects() {
  return {"probe",
          1,
          "create probe_effects",
          {"CREATE TABLE probe_effects (key TEXT NOT NULL, job_id BIGINT NOT NULL, at BIGINT NOT NULL)",
           "CREATE VIEW v_probe_effects AS SELECT key, job_id, {utc:at} AS at FROM probe_effects"}};
}

connector make() {
  connector built;
  built.name = "probe";
  built.handlers = {noop(), sleep(), spin(), fail(), crash(), append(), chain(), tree(), call()};
  built.tables = {{.name = std::string(effects_table),
                   .columns = {{"key", column_type::text},
                               {"job_id", column_type::integer},
                               {"at", column_type::integer}},
                   .append_only = true}};
  built.migrations = {create_effects()};
  return built;
}

} // namespace

void register_connector(registry& out) {
  out.add({.name = "probe",
           .summary = "Job kinds for tests and benchmarks; one of them kills the process.",
           .settings = {},
           .enabled_by_default = false,
           .build = [](const config::section&) -> build_result { return make(); }});
}

} // namespace penstock::connectors::probe
