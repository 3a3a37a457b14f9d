#include "config/queue_sections.hpp"

#include <string>
#include <utility>

#include "core/backoff.hpp"
#include "core/rate_text.hpp"

namespace penstock::config {
namespace {

constexpr std::int64_t ms_per_minute = 60'000;
constexpr std::int64_t ms_per_day = 24 * 60 * ms_per_minute;

setting whole_number(std::string key, std::string default_text, std::string doc, std::int64_t least,
                     std::int64_t most) {
  return {.key = std::move(key),
          .type = setting_type::integer,
          .default_text = std::move(default_text),
          .doc = std::move(doc),
          .least = least,
          .most = most};
}

setting optional_age(std::string key, std::string doc, std::string example) {
  return {.key = std::move(key),
          .type = setting_type::duration,
          .doc = std::move(doc),
          .least = ms_per_minute,
          .most = 3'650 * ms_per_day,
          .example = std::move(example)};
}

/// The shipped file explains each key once, at the first queue.
section_declaration queue_section(const std::string& name, int concurrency, std::string limit = {}) {
  return {
    "queues." + name,
    name == "*" ? "Any other queue, by its name; every queue has these keys." : "",
    {whole_number("concurrency", std::to_string(concurrency), "Jobs at once on this node.", 1, 1'000),
     {.key = "limit",
      .default_text = std::move(limit),
      .doc = "How many jobs may start, in all nodes together: 10/s, 600/m, 100/30s. Default: any number.",
      .example = "10/s"},
     whole_number("tenant_concurrency", "0", "Jobs of one organisation at once on this node; 0: no rule.", 0, 1'000),
     whole_number("credential_concurrency", "0", "Jobs of one credential at once on this node; 0: no rule.", 0, 1'000),
     {.key = "timeout",
      .type = setting_type::duration,
      .doc = "Of jobs that name none. Default: their kind's.",
      .least = 1,
      .most = 7 * ms_per_day,
      .example = "120s"},
     whole_number("max_attempts", "0", "Runs in all of jobs that name none; 0: as their kind says.", 0, 1'000),
     {.key = "backoff",
      .doc = "Of jobs that name none: 'list 1m 5m', 'fixed 1m', 'exponential 500ms x2 cap 10s'. Default: their kind's.",
      .example = "list 1m 5m 10m"},
     optional_age("keep_completed", "Age at which its completed jobs go. Default: retention.completed_jobs.", "7d"),
     optional_age("keep_failed", "Age at which its failed jobs go. Default: retention.failed_jobs.", "30d"),
     whole_number("warn_failed", "100", "More failed jobs are a warning.", 0, 1'000'000'000),
     whole_number("warn_waiting", "1000", "More waiting jobs are a warning.", 0, 1'000'000'000),
     {.key = "warn_stalled",
      .type = setting_type::duration,
      .default_text = "5m",
      .doc = "No completion for this long while work waits is a warning.",
      .least = 1'000,
      .most = 7 * ms_per_day}}};
}

} // namespace

std::vector<section_declaration> queue_sections() {
  return {queue_section("fetch", 8),    queue_section("process", 4), queue_section("webhook", 8),
          queue_section("init", 2),     queue_section("default", 4), queue_section("bank-import", 4, "10/s"),
          queue_section("circuits", 1), queue_section("modules", 4), queue_section("*", 4)};
}

queue_settings make_queue(assembly& from, const std::string& section_path) {
  const auto& values = from.at(section_path);
  queue_settings queue;
  queue.concurrency = static_cast<int>(values.integer("concurrency"));
  if (const auto& limit = values.text("limit"); !limit.empty()) {
    if (auto rate = parse_rate(limit))
      queue.limit = *rate;
    else
      from.complain(from.origin_of(section_path + ".limit"), section_path + ".limit", rate.error().message);
  }
  queue.tenant_concurrency = static_cast<int>(values.integer("tenant_concurrency"));
  queue.credential_concurrency = static_cast<int>(values.integer("credential_concurrency"));
  if (values.is_set("timeout"))
    queue.timeout = values.time("timeout");
  if (const auto attempts = values.integer("max_attempts"); attempts > 0)
    queue.max_attempts = static_cast<int>(attempts);
  if (const auto& waits = values.text("backoff"); !waits.empty()) {
    if (auto policy = backoff_policy::parse(waits))
      queue.backoff = std::move(*policy);
    else
      from.complain(from.origin_of(section_path + ".backoff"), section_path + ".backoff", policy.error().message);
  }
  if (values.is_set("keep_completed"))
    queue.keep_completed = values.time("keep_completed");
  if (values.is_set("keep_failed"))
    queue.keep_failed = values.time("keep_failed");
  queue.warn_failed = values.integer("warn_failed");
  queue.warn_waiting = values.integer("warn_waiting");
  queue.warn_stalled = values.time("warn_stalled");
  return queue;
}

} // namespace penstock::config
