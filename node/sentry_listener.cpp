#include "node/sentry_listener.hpp"

#include <utility>

#include "node/event_data.hpp"
#include "node/sentry_repeats.hpp"

namespace penstock::node {

std::optional<net::sentry_report> report_of(const event& value) {
  if (value.type != "job.failed")
    return std::nullopt;
  const auto data = data_of(value);
  if (is_echo_of_a_sync(value, data))
    return std::nullopt;
  const auto kind = text_of(data, "kind");
  const auto code = text_of(data, "code", "error");
  net::sentry_report report;
  report.time = value.time;
  report.type = code;
  report.value = text_of(data, "message", "error");
  report.tags = {{"kind", kind},
                 {"queue", text_of(data, "queue")},
                 {"service", text_of(data, "service")},
                 {"integration", text_of(data, "integration_id")},
                 {"job", text_of(data, "job_id")},
                 {"run", text_of(data, "run_id")},
                 {"attempts", text_of(data, "attempts")},
                 {"error_class", text_of(data, "class", "error")}};
  if (is_repeated_failure(value, data))
    report.tags.emplace_back(repeated_tag, "true");
  report.fingerprint = {kind, code};
  return report;
}

net::sentry_report report_of_line(const std::string& line, bool fatal, timestamp now) {
  std::string pattern;
  for (const char c : line)
    if (c < '0' || c > '9')
      pattern += c;
    else if (!pattern.ends_with('#'))
      pattern += '#';
  net::sentry_report report;
  report.time = now;
  report.level = fatal ? "fatal" : "error";
  report.type = "node";
  report.value = line;
  report.tags = {{"kind", "node"}};
  report.fingerprint = {"node", std::move(pattern)};
  return report;
}

bool sentry_listener::offer(const std::shared_ptr<const event>& value) {
  if (auto report = report_of(*value))
    reports_->report(*std::move(report));
  return true;
}

} // namespace penstock::node
