#include "connectors/testing/conformance_suite.hpp"

#include "connectors/apple_health/tests/small_export.hpp"

namespace penstock::connectors::testing {
namespace {

connector_subject apple_health_subject() {
  connector_subject subject;
  subject.name = "apple_health";
  subject.build = [] { return apple_health::built_apple_health(); };
  subject.service = "apple_health";
  subject.now = std::chrono::sys_days{std::chrono::year{2026} / 3 / 1};
  subject.table = "health_metrics";
  for (const std::string sample : {"metrics_v2_real_enveloped.json", "workouts_v2_real_enveloped.json",
                                   "sleep_and_special_shapes.json", "v1_fixture_1.json", "v1_fixture_4.json"})
    subject.deliveries.push_back(apple_health::fixture(sample));
  subject.secrets = {"shared-SECRET"};
  return subject;
}

INSTANTIATE_TEST_SUITE_P(apple_health, connector_conformance, ::testing::Values(apple_health_subject()),
                         [](const auto& info) { return info.param.name; });

} // namespace
} // namespace penstock::connectors::testing
