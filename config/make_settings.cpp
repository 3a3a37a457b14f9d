#include "config/make_settings.hpp"

#include <filesystem>
#include <string_view>

#include "config/absolute_path.hpp"
#include "config/http_section.hpp"
#include "config/queue_sections.hpp"
#include "core/rate_text.hpp"

namespace penstock::config {
namespace {

using std::filesystem::path;

constexpr std::string_view queues_prefix = "queues.";
constexpr std::string_view connectors_prefix = "connectors.";

node_settings make_node(assembly& from, const surroundings& here) {
  const auto& values = from.at("node");
  node_settings node;
  node.data_dir = absolute_path(values.text("data_dir"), here);
  if (node.data_dir.empty()) {
    const auto home = home_of(here);
    if (here.as_root)
      node.data_dir = "/var/lib/penstock";
    else if (home)
      node.data_dir = path(*home) / ".local/share/penstock";
    else
      from.complain({}, "node.data_dir", "no home directory is known: set it");
  }
  node.name = !values.text("name").empty() ? values.text("name") : !here.host_name.empty() ? here.host_name : "node";
  node.shutdown_timeout = values.time("shutdown_timeout");
  node.min_free_space = values.integer("min_free_space");
  return node;
}

webhook_settings make_webhooks(assembly& from) {
  const auto& values = from.at("webhooks");
  webhook_settings webhooks;
  webhooks.max_body = values.integer("max_body");
  if (const auto& text = values.text("limit"); !text.empty()) {
    if (const auto rate = parse_rate(text))
      webhooks.limit = *rate;
    else
      from.complain(from.origin_of("webhooks.limit"), "webhooks.limit", rate.error().message);
  }
  return webhooks;
}

log_level level_of(std::string_view name) {
  return name == "debug"  ? log_level::debug
         : name == "info" ? log_level::info
         : name == "warn" ? log_level::warn
                          : log_level::error;
}

log_settings make_log(const section& values, const surroundings& here) {
  log_settings log;
  log.level = level_of(values.text("level"));
  log.format = values.text("format") == "json" ? log_format::json : log_format::text;
  log.file = absolute_path(values.text("file"), here);
  log.file_size = values.integer("file_size");
  log.files_kept = static_cast<int>(values.integer("files_kept"));
  return log;
}

retention_settings make_retention(const section& values) {
  return {.completed_jobs = values.time("completed_jobs"),
          .failed_jobs = values.time("failed_jobs"),
          .events = values.time("events"),
          .occurrences = values.time("occurrences"),
          .audit = values.time("audit"),
          .most_ended_jobs = values.integer("most_ended_jobs"),
          .most_events = values.integer("most_events"),
          .sweep_every = values.time("sweep_every")};
}

/// "monzo", or a table of one, "http_json.shop": sections come in the order of their paths, so it is there already.
void take_connector(settings& made, std::string_view name, const section& values) {
  const auto dot = name.find('.');
  if (dot == std::string_view::npos)
    made.connectors[std::string(name)] = values;
  else
    made.connectors[std::string(name.substr(0, dot))].put_table({std::string(name.substr(dot + 1)), values});
}

} // namespace

settings make_settings(assembly& from, const surroundings& here) {
  settings made;
  made.node = make_node(from, here);
  const auto& database = from.at("database");
  made.database.url = database.text("url");
  if (made.database.url.empty() && !made.node.data_dir.empty())
    made.database.url = "sqlite://" + (made.node.data_dir / "penstock.db").string();
  made.database.sync = database.text("synchronous") == "normal" ? synchronous::normal : synchronous::full;
  made.database.pool = static_cast<int>(database.integer("pool"));
  made.http = make_http(from, here);
  made.webhooks = make_webhooks(from);
  made.secrets.key_file = absolute_path(from.at("secrets").text("key_file"), here);
  if (made.secrets.key_file.empty())
    made.secrets.key_file = made.node.data_dir / "secrets.key";
  made.retention = make_retention(from.at("retention"));
  const auto& sentry = from.at("sentry");
  made.sentry = {sentry.text("dsn"), sentry.text("environment"), sentry.text("release"), sentry.time("repeat_after")};
  made.log = make_log(from.at("log"), here);
  for (const auto& [name, values] : from.sections())
    if (name.starts_with(queues_prefix))
      made.queues[name.substr(queues_prefix.size())] = make_queue(from, name);
    else if (name.starts_with(connectors_prefix))
      take_connector(made, std::string_view(name).substr(connectors_prefix.size()), values);
  return made;
}

} // namespace penstock::config
