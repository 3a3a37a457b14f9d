#include "connectors/connector.hpp"

#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "connectors/probe/kinds.hpp"
#include "core/rate_text.hpp"

namespace penstock::connectors::probe {
namespace {

storage::migration create_effects() {
  return {"probe",
          1,
          "create probe_effects",
          {"CREATE TABLE probe_effects (key TEXT NOT NULL, job_id BIGINT NOT NULL, at BIGINT NOT NULL)",
           "CREATE VIEW v_probe_effects AS SELECT key, job_id, {utc:at} AS at FROM probe_effects"}};
}

/// What `section` says of them; an objection names its key.
tl::expected<call_rules, std::vector<config::objection>> read_rules(const config::section& section) {
  call_rules rules;
  if (const auto& budget = section.text("call_budget"); !budget.empty()) {
    const auto rate = parse_rate(budget);
    if (!rate)
      return tl::unexpected(std::vector{config::objection{"call_budget", rate.error().message}});
    rules.budget = *rate;
  }
  if (const auto calls = section.integer("pause_after_calls"); calls > 0)
    rules.pause_after = call_pause{calls, section.time("call_pause")};
  return rules;
}

std::vector<config::setting> settings() {
  constexpr std::int64_t ms_per_hour = 3'600'000;
  return {
    {.key = "call_budget",
     .doc = "Calls of probe.call that each credential has in all nodes together: 10/s, 600/m. Default: any number.",
     .example = "10/s"},
    {.key = "pause_after_calls",
     .type = config::setting_type::integer,
     .default_text = "0",
     .doc = "After so many calls of probe.call on one credential it is left alone for call_pause; 0: never.",
     .least = 0,
     .most = 1'000'000},
    {.key = "call_pause",
     .type = config::setting_type::duration,
     .default_text = "1s",
     .doc = "See pause_after_calls.",
     .least = 1,
     .most = ms_per_hour},
    {.key = "webhook_signature",
     .default_text = "none",
     .doc = "How deliveries to the service probe are signed: none, github, stripe or standard.",
     .choices = {"none", "github", "stripe", "standard"}},
    {.key = "webhook_secret",
     .type = config::setting_type::secret,
     .doc = "Serves for deliveries while there is one integration of the service probe. Default: none does.",
     .example = "a long random text"}};
}

webhook_rules read_webhook_rules(const config::section& section) {
  webhook_rules rules;
  for (const auto scheme : {net::webhook_scheme::github, net::webhook_scheme::stripe, net::webhook_scheme::standard})
    if (section.text("webhook_signature") == to_string(scheme))
      rules.signature = scheme;
  rules.shared_secret = section.text("webhook_secret");
  return rules;
}

connector make(const call_rules& rules, const webhook_rules& webhooks) {
  connector built;
  built.name = "probe";
  built.handlers = {noop(), sleep(), spin(), fail(), crash(), append(), chain(), tree(), call(rules), delivery()};
  built.services = {webhook_service(webhooks)};
  built.tables = {
    {.name = std::string(effects_table),
     .columns = {{"key", column_type::text}, {"job_id", column_type::integer}, {"at", column_type::integer}},
     .append_only = true}};
  built.migrations = {create_effects()};
  return built;
}

} // namespace

void register_connector(registry& out) {
  out.add({.name = "probe",
           .summary = "Job kinds for tests and benchmarks; one of them kills the process.",
           .settings = settings(),
           .enabled_by_default = false,
           .build = [](const config::section& section) -> build_result {
             auto rules = read_rules(section);
             if (!rules)
               return tl::unexpected(std::move(rules.error()));
             return make(*rules, read_webhook_rules(section));
           }});
}

} // namespace penstock::connectors::probe
