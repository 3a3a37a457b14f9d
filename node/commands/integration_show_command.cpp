// One integration with all that an operator asks of it first.
#include <ostream>

#include "core/rfc3339.hpp"
#include "node/commands/api_client.hpp"
#include "node/commands/integration_commands.hpp"
#include "node/commands/session.hpp"
#include "node/commands/show.hpp"
#include "node/commands/table.hpp"

namespace penstock::node {
namespace {

/// What counts as lately.
constexpr auto days_looked_back = 7;
constexpr std::size_t most_counted = 200;

std::string shown_frequency(const boost::json::value& one) {
  const auto minutes = shown(one, "update_frequency_minutes");
  if (!minutes.empty())
    return minutes + " minutes";
  return shown(one, "is_fetched") == "false" ? "nothing is fetched: its provider sends by webhooks" : std::string{};
}

/// "3 in the last 7 days: penstock integrations errors 12"; empty for none.
tl::expected<std::string, command_failure> shown_row_errors(api_client& node, const std::string& path,
                                                            const std::string& id, timestamp now) {
  const auto since = format_rfc3339(now - std::chrono::hours(24 * days_looked_back));
  const auto answer = node.get(path + "/row-errors", {{"since", since}, {"limit", std::to_string(most_counted)}});
  if (!answer)
    return tl::unexpected(answer.error());
  const auto count = items_of(answer->json).size();
  if (count == 0)
    return std::string{};
  const bool more = !shown(answer->json, "next_cursor").empty();
  return std::to_string(count) + (more ? " or more" : "") + " in the last " + std::to_string(days_looked_back) +
         " days: penstock integrations errors " + id;
}

/// Where they go, without the secret. Empty where the service takes none.
std::string shown_webhook(const boost::json::value& one) {
  const auto url = shown_in(one, "webhook", "url");
  if (url.empty())
    return {};
  if (shown_in(one, "webhook", "secret_made_at").empty())
    return "no address yet: penstock integrations webhook " + shown(one, "id");
  return url + "/…, made " + shown_time(member_of(one, "webhook"), "secret_made_at");
}

/// A failed run makes the integration due again as if it had never been triggered; people ask when it was last tried.
std::string shown_last_triggered(const boost::json::value& one, const boost::json::value& runs) {
  auto at = shown_time(one, "last_triggered_at");
  for (const auto& each : items_of(runs)) {
    if (!at.empty())
      break;
    if (shown(each, "dry_run") != "true")
      at = shown_time(each, "started_at");
  }
  return at;
}

void print_one(const boost::json::value& one, const boost::json::value& runs, const std::string& wrong_rows,
               std::ostream& out) {
  print_fields(out, {{"id", shown(one, "id")},
                     {"service", shown(one, "service")},
                     {"name", shown(one, "name")},
                     {"status", shown_status(one)},
                     {"to do", missing_access(one)},
                     {"every", shown_frequency(one)},
                     {"last triggered", shown_last_triggered(one, runs)},
                     {"last success", shown_time(one, "last_successful_update_at")},
                     {"next due", shown_time(one, "next_due_at")},
                     {"rows in error", wrong_rows},
                     {"failures in a row", shown(one, "consecutive_failures")},
                     {"last error", shown(one, "last_error")},
                     {"organisation", shown(one, "organisation_id")},
                     {"owner", shown(one, "owner")},
                     {"config", shown(one, "config")},
                     {"webhooks", shown_webhook(one)}});
}

void print_streams(const boost::json::value& one, std::ostream& out) {
  table streams({{"STREAM"}, {"CURSOR"}, {"GAP"}, {"MOVED"}});
  if (const auto* cursors = member_of(one, "cursors").if_array())
    for (const auto& each : *cursors)
      streams.add({shown(each, "stream"), shown(each, "cursor"), shown(each, "gap"), shown_time(each, "updated_at")});
  if (!streams.empty()) {
    out << '\n';
    streams.print(out);
  }
}

void print_runs(const boost::json::value& runs, std::ostream& out) {
  using align = table::align;
  table last_runs({{"RUN"},
                   {"STATE"},
                   {"STARTED"},
                   {"TOOK"},
                   {"PAGES", align::right},
                   {"ADDED", align::right},
                   {"UPDATED", align::right},
                   {"UNCHANGED", align::right},
                   {"DELETED", align::right},
                   {"IN ERROR", align::right},
                   {"ERROR"}});
  for (const auto& each : items_of(runs))
    last_runs.add({shown(each, "id"), shown(each, "state") + (shown(each, "dry_run") == "true" ? " (dry run)" : ""),
                   shown_time(each, "started_at"), shown_duration(each, "duration_ms"), shown(each, "pages"),
                   shown_in(each, "rows", "added"), shown_in(each, "rows", "updated"),
                   shown_in(each, "rows", "unchanged"), shown_in(each, "rows", "deleted"),
                   shown_in(each, "rows", "errors"), shown(each, "error")});
  if (!last_runs.empty()) {
    out << '\n';
    last_runs.print(out);
  }
}

outcome show(const arguments& given, session& with) {
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  const auto path = integration_path(given);
  if (!path)
    return tl::unexpected(path.error());
  const auto answer = (*node)->get(*path);
  if (!answer)
    return tl::unexpected(answer.error());
  if (with.json) {
    print_body(with, answer->body);
    return {};
  }
  const auto runs = (*node)->get(*path + "/runs", {{"limit", "5"}});
  if (!runs)
    return tl::unexpected(runs.error());
  const auto wrong_rows = shown_row_errors(**node, *path, given.text("ID"), with.clock.now());
  if (!wrong_rows)
    return tl::unexpected(wrong_rows.error());
  print_one(answer->json, runs->json, *wrong_rows, with.out);
  print_streams(answer->json, with.out);
  print_runs(runs->json, with.out);
  return {};
}

} // namespace

std::string missing_access(const boost::json::value& one) {
  const auto id = shown(one, "id");
  if (shown(one, "awaits_consent") == "true")
    return "waits for a consent: penstock integrations authorize " + id;
  if (shown(one, "awaits_token") == "true")
    return "waits for its token: penstock integrations token " + id;
  return shown(one, "to_do");
}

std::string shown_status(const boost::json::value& one) {
  if (shown(one, "awaits_consent") == "true")
    return "pending (never authorised)";
  return shown(one, "awaits_token") == "true" ? "pending (no token yet)" : shown(one, "status");
}

std::vector<command> integration_show_commands() {
  return {{"integrations",
           "show",
           "Show one integration, its streams and its last runs.",
           {integration_id_parameter()},
           show}};
}

} // namespace penstock::node
