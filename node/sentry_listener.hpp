#pragma once

#include <memory>
#include <optional>
#include <string>

#include "messages/actors/events.hpp"
#include "node/sentry_reporter.hpp"

namespace penstock::node {

/// Tells Sentry of jobs that failed for good. On the bus's thread.
class sentry_listener : public actors::event_subscriber {
public:
  explicit sentry_listener(std::shared_ptr<sentry_reporter> reports) : reports_(std::move(reports)) {}
  [[nodiscard]] bool offer(const std::shared_ptr<const event>& value) override;
  void dropped(const std::string&) override {} // with the bus, when the node stops

private:
  const std::shared_ptr<sentry_reporter> reports_;
};

/// What Sentry is told of an event: of `job.failed` alone, which comes once a job's attempts are spent or its error was
/// final. Jobs of one kind that fail with the same error code are one issue. A sync's root job is left out when the jobs
/// that it awaited failed: they are told of.
[[nodiscard]] std::optional<net::sentry_report> report_of(const event& value);

/// What Sentry is told of a line that the node logged as an error. Lines that differ in numbers only are one issue.
[[nodiscard]] net::sentry_report report_of_line(const std::string& line, bool fatal, timestamp now);

} // namespace penstock::node
