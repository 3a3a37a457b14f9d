#include "connectors/testing/conformance_suite.hpp"

namespace penstock::connectors::probe {
void register_connector(registry& out);
}

namespace penstock::connectors::testing {
namespace {

connector built_probe() {
  registry declared;
  probe::register_connector(declared);
  config::section unset;
  unset.put("call_budget", std::string(), false);
  unset.put("pause_after_calls", std::int64_t{0}, false);
  unset.put("call_pause", duration(std::chrono::seconds(1)), false);
  unset.put("webhook_signature", std::string("none"), false);
  unset.put("webhook_secret", std::string(), false);
  return declared.declarations().front().build(unset).value();
}

/// As far as probe.call goes: it sends requests with a token and leaves bodies alone.
connector_subject probe_subject() {
  connector_subject subject;
  subject.name = "probe";
  subject.build = built_probe;
  subject.first_jobs = [] {
    job_request call;
    call.kind = "probe.call";
    call.args = R"({"url":"https://provider.example/things","credential":"7"})";
    return std::vector{call};
  };
  subject.deliveries = {"", "hello", std::string(300'000, 'x')};
  subject.now = std::chrono::sys_days{std::chrono::year{2026} / 3 / 1};
  subject.healthy = [](std::int64_t items) -> answer_function {
    return [items](const net::http_request& request) -> result<net::http_response> {
      if (!request.headers.value_or("Authorization", "").starts_with("Bearer token-SECRET-"))
        return answer(401, "{}");
      return answer(200, std::to_string(items));
    };
  };
  return subject;
}

INSTANTIATE_TEST_SUITE_P(probe, connector_conformance, ::testing::Values(probe_subject()),
                         [](const auto& info) { return info.param.name; });

} // namespace
} // namespace penstock::connectors::testing
