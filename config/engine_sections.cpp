#include "config/engine_sections.hpp"

#include <string>
#include <utility>

#include "config/http_section.hpp"
#include "config/queue_sections.hpp"

namespace penstock::config {
namespace {

constexpr std::int64_t ms_per_second = 1'000;
constexpr std::int64_t ms_per_day = 86'400 * ms_per_second;
constexpr std::int64_t kilobyte = 1'024;
constexpr std::int64_t megabyte = 1'024 * kilobyte;
constexpr std::int64_t gigabyte = 1'024 * megabyte;
constexpr std::int64_t terabyte = 1'024 * gigabyte;

section_declaration node_section() {
  return {"node",
          "This node and its data.",
          {{.key = "data_dir",
            .doc = "Database, key and token files. Default: /var/lib/penstock for root, else ~/.local/share/penstock.",
            .example = "/var/lib/penstock"},
           {.key = "name", .doc = "Shown in logs and in the database. Default: the host's name.", .example = "node-1"},
           {.key = "shutdown_timeout",
            .type = setting_type::duration,
            .default_text = "30s",
            .doc = "How long active jobs may finish after SIGTERM; the rest is handed back.",
            .least = 0,
            .most = 3'600 * ms_per_second},
           {.key = "min_free_space",
            .type = setting_type::size,
            .default_text = "256MB",
            .doc = "With less free on the data directory's disk the node takes no new work.",
            .least = 0,
            .most = terabyte}}};
}

section_declaration database_section() {
  return {
    "database",
    "Where everything is kept.",
    {{.key = "url",
      .type = setting_type::secret,
      .doc = "sqlite:///absolute/path.db (default: in the data directory), or "
             "postgresql://user:password@host:port/database.",
      .example = "sqlite:///var/lib/penstock/penstock.db"},
     {.key = "synchronous",
      .default_text = "full",
      .doc = "full: what was answered survives a power cut. normal: faster, a power cut may lose the last commits.",
      .choices = {"full", "normal"}},
     {.key = "pool",
      .type = setting_type::integer,
      .default_text = "4",
      .doc = "PostgreSQL: connections of this node that read and write; two more keep watch.",
      .least = 2,
      .most = 100}}};
}

section_declaration webhooks_section() {
  return {"webhooks",
          "What providers send by themselves: docs/webhooks.md.",
          {{.key = "max_body",
            .type = setting_type::size,
            .default_text = "200MB",
            .doc = "Larger deliveries are refused. A large one is stored as it comes: it needs no memory.",
            .least = kilobyte,
            .most = 2 * gigabyte},
           {.key = "limit",
            .doc = "Deliveries that one integration is given on this node: 100/s, 600/m. Default: any number.",
            .example = "100/s"}}};
}

section_declaration secrets_section() {
  return {"secrets",
          "How stored credentials are encrypted. Keep the key file: without it a backup cannot be read.",
          {{.key = "key_file",
            .doc = "Made at first start, readable by its owner alone. Default: secrets.key in the data directory.",
            .example = "/var/lib/penstock/secrets.key"}}};
}

setting age(std::string key, std::string default_text, std::string doc) {
  return {.key = std::move(key),
          .type = setting_type::duration,
          .default_text = std::move(default_text),
          .doc = std::move(doc),
          .least = 60 * ms_per_second,
          .most = 3'650 * ms_per_day};
}

setting most(std::string key, std::string default_text, std::string doc) {
  return {.key = std::move(key),
          .type = setting_type::integer,
          .default_text = std::move(default_text),
          .doc = std::move(doc),
          .least = 0,
          .most = 1'000'000'000};
}

section_declaration retention_section() {
  return {
    "retention",
    "Ages after which finished things are deleted, in small batches.",
    {age("completed_jobs", "7d", "Completed and cancelled jobs, with their logs."),
     age("failed_jobs", "30d", "Failed jobs, with their logs."),
     age("events", "30d", "Published events."),
     age("occurrences", "7d", "What became of the occurrences of schedules; a back-fill repeats none of these."),
     age("audit", "400d", "Who changed what."),
     most("most_ended_jobs", "5000000", "Of more ended jobs the oldest are deleted, however young; 0: any number."),
     most("most_events", "5000000", "Of more events the oldest are deleted, however young; 0: any number."),
     {.key = "sweep_every",
      .type = setting_type::duration,
      .default_text = "1m",
      .doc = "How often it is looked for what is to go.",
      .least = ms_per_second,
      .most = ms_per_day}}};
}

section_declaration sentry_section() {
  return {
    "sentry",
    "Reports of jobs that failed for good, and of errors of the node, to Sentry.",
    {{.key = "dsn",
      .type = setting_type::secret,
      .doc = "As the project's settings show it. Default: nothing is sent.",
      .example = "https://KEY@sentry.example/42"},
     {.key = "environment", .default_text = "production", .doc = "Shown with each report."},
     {.key = "release",
      .doc = "Shown with each report. Default: penstock@ and its version.",
      .example = "penstock@1.0.0"},
     {.key = "repeat_after",
      .type = setting_type::duration,
      .default_text = "5m",
      .doc = "The same failure (integration, kind of job, error code) is reported again after so long, with the number "
             "of those that were left out; 0s: each time. At most 1d.",
      .least = 0,
      .most = ms_per_day}}};
}

section_declaration log_section() {
  return {"log",
          "What the node says about its work.",
          {{.key = "level",
            .default_text = "info",
            .doc = "debug, info, warn or error.",
            .choices = {"debug", "info", "warn", "error"}},
           {.key = "format", .default_text = "text", .doc = "text or json.", .choices = {"text", "json"}},
           {.key = "file", .doc = "Default: standard error.", .example = "/var/log/penstock/penstock.log"},
           {.key = "file_size",
            .type = setting_type::size,
            .default_text = "64MB",
            .doc = "The file is rotated at this size.",
            .least = 64 * kilobyte,
            .most = 16 * gigabyte},
           {.key = "files_kept",
            .type = setting_type::integer,
            .default_text = "5",
            .doc = "Rotated files that are kept.",
            .least = 1,
            .most = 1'000}}};
}

} // namespace

std::vector<section_declaration> engine_sections() {
  std::vector<section_declaration> sections{node_section(), database_section(), http_section(), webhooks_section(),
                                            secrets_section()};
  for (auto& queue : queue_sections())
    sections.push_back(std::move(queue));
  sections.push_back(retention_section());
  sections.push_back(sentry_section());
  sections.push_back(log_section());
  return sections;
}

std::vector<section_declaration> all_sections(const std::vector<section_declaration>& connectors) {
  auto sections = engine_sections();
  sections.insert(sections.end(), connectors.begin(), connectors.end());
  return sections;
}

} // namespace penstock::config
