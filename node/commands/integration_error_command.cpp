// Rows that could not be stored, and why.
#include <iterator>
#include <ostream>

#include "core/id_text.hpp"
#include "node/commands/api_client.hpp"
#include "node/commands/integration_commands.hpp"
#include "node/commands/queue_jobs.hpp"
#include "node/commands/row_errors.hpp"
#include "node/commands/session.hpp"
#include "node/commands/show.hpp"
#include "node/commands/since.hpp"
#include "node/commands/table.hpp"

namespace penstock::node {
namespace {

constexpr std::int64_t errors_shown = 50;

tl::expected<net::query_parameters, command_failure> query_of(const arguments& given, timestamp now) {
  net::query_parameters query;
  if (given.has("--table"))
    query.emplace_back("table", given.text("--table"));
  if (given.has("--kind"))
    query.emplace_back("kind", given.text("--kind"));
  if (given.has("--job")) {
    if (const auto id = parse_id_value(given.text("--job")); !id)
      return give_up(exit_status::wrong_usage, "--job: " + id.error().message);
    query.emplace_back("job", given.text("--job"));
  }
  if (given.has("--since")) {
    auto since = since_of(given.text("--since"), now);
    if (!since)
      return tl::unexpected(std::move(since.error()));
    query.emplace_back("since", std::move(*since));
  }
  return query;
}

outcome errors(const arguments& given, session& with) {
  const auto path = integration_path(given);
  if (!path)
    return tl::unexpected(path.error());
  const auto query = query_of(given, with.clock.now());
  if (!query)
    return tl::unexpected(query.error());
  const auto wanted = given.integer("--limit", errors_shown);
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  const auto answer = get_row_errors(**node, *path, *query, wanted);
  if (!answer)
    return tl::unexpected(answer.error());
  if (with.json) {
    print_body(with, answer->body);
    return {};
  }
  table rows({{"AT"}, {"TABLE"}, {"ROW"}, {"JOB"}, {"KIND"}, {"WHY"}});
  for (const auto& each : items_of(answer->json))
    rows.add({shown_time(each, "at"), shown(each, "table"), shown(each, "source_id"), shown(each, "job_id"),
              shown(each, "kind"), shown(each, "message")});
  const bool more = !shown(answer->json, "next_cursor").empty();
  const auto found = std::ssize(items_of(answer->json));
  if (!rows.empty())
    rows.print(with.out);
  else if (!more)
    with.out << "no rows in error\n";
  if (more && found < wanted)
    with.out << (rows.empty() ? "none among the latest rows in error: " : "")
             << "older ones were not looked at: GET /api/v1/integrations/" << given.text("ID")
             << "/row-errors goes on from the next_cursor that --json shows\n";
  else if (more)
    with.out << "there are more: --limit, --since, --table, --kind and --job choose\n";
  return {};
}

} // namespace

std::vector<command> integration_error_commands() {
  return {{"integrations",
           "errors",
           "Show rows of an integration that could not be stored, and why, the newest first.",
           {integration_id_parameter(),
            {.name = "--table", .doc = "of one table", .value_name = "NAME"},
            {.name = "--kind", .doc = "that jobs of one kind read", .value_name = "KIND"},
            {.name = "--job", .doc = "that one job and its children read", .value_name = "ID"},
            {.name = "--since", .doc = "from a moment or a length of time ago on", .value_name = "TIME"},
            limit_parameter()},
           errors}};
}

} // namespace penstock::node
