// Commands that list integrations, add and remove them.
#include <ostream>

#include <boost/json/parse.hpp>

#include "core/id_text.hpp"
#include "node/commands/api_client.hpp"
#include "node/commands/integration_commands.hpp"
#include "node/commands/session.hpp"
#include "node/commands/show.hpp"
#include "node/commands/table.hpp"

namespace penstock::node {
namespace {

constexpr auto list_path = "/api/v1/integrations";

/// "--set key=value" as members of an object; a value that reads as JSON is taken as that, any other as text.
tl::expected<boost::json::object, command_failure> config_of(const std::vector<std::string>& pairs) {
  boost::json::object config;
  for (const auto& each : pairs) {
    const auto equals = each.find('=');
    if (equals == 0 || equals == std::string::npos)
      return give_up(exit_status::wrong_usage, "--set takes KEY=VALUE, not '" + each + "'");
    const auto value = each.substr(equals + 1);
    boost::system::error_code is_text;
    auto parsed = boost::json::parse(value, is_text);
    config[each.substr(0, equals)] = is_text ? boost::json::value(value) : std::move(parsed);
  }
  return config;
}

outcome list(const arguments& given, session& with) {
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  net::query_parameters query;
  if (given.has("--service"))
    query.emplace_back("service", given.text("--service"));
  const auto answer = (*node)->get_all(list_path, query);
  if (!answer)
    return tl::unexpected(answer.error());
  if (with.json) {
    print_body(with, answer->body);
    return {};
  }
  using align = table::align;
  table shown_table({{"ID"},
                     {"SERVICE"},
                     {"NAME"},
                     {"STATUS"},
                     {"LAST SUCCESS"},
                     {"NEXT DUE"},
                     {"FAILURES", align::right},
                     {"LAST ERROR"}});
  for (const auto& each : items_of(answer->json))
    shown_table.add({shown(each, "id"), shown(each, "service"), shown(each, "name"), shown_status(each),
                     shown_time(each, "last_successful_update_at"), shown_time(each, "next_due_at"),
                     shown(each, "consecutive_failures"), shown(each, "last_error")});
  shown_table.print(with.out);
  return {};
}

outcome add(const arguments& given, session& with) {
  auto config = config_of(given.texts("--set"));
  if (!config)
    return tl::unexpected(std::move(config.error()));
  boost::json::object body{{"service", given.text("SERVICE")}, {"config", std::move(*config)}};
  if (given.has("--name"))
    body["name"] = given.text("--name");
  if (given.has("--organisation"))
    body["organisation_id"] = given.text("--organisation");
  if (given.has("--every"))
    body["update_frequency_minutes"] = given.integer("--every", 0);
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  const auto answer = (*node)->send("POST", list_path, body);
  if (!answer)
    return tl::unexpected(answer.error());
  if (with.json) {
    print_body(with, answer->body);
    return {};
  }
  const auto id = shown(answer->json, "id");
  with.out << "integration " << id << " of " << shown(answer->json, "service") << " was added\n";
  if (const auto missing = missing_access(answer->json); !missing.empty())
    with.out << "Nothing is synced yet: it " << missing << '\n';
  print_new_webhook(member_of(answer->json, "webhook"), with.out);
  return {};
}

outcome remove(const arguments& given, session& with) {
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  const auto path = integration_path(given);
  if (!path)
    return tl::unexpected(path.error());
  const auto answer = (*node)->send("DELETE", *path + (given.has("--rows") ? "?rows=1" : ""));
  if (!answer)
    return tl::unexpected(answer.error());
  if (!with.json)
    with.out << "integration " << given.text("ID") << " was removed"
             << (given.has("--rows") ? " with its rows\n" : "; its rows stay\n");
  return {};
}

} // namespace

tl::expected<std::string, command_failure> integration_path(const arguments& given) {
  const auto id = parse_id_value(given.text("ID"));
  if (!id)
    return give_up(exit_status::wrong_usage, id.error().message + "; 'penstock integrations list' shows them");
  return std::string(list_path) + "/" + given.text("ID");
}

parameter integration_id_parameter() {
  return {.name = "ID", .doc = "the integration's id", .what = parameter_kind::place, .required = true};
}

std::vector<command> integration_list_commands() {
  return {
    {"integrations",
     "list",
     "Show the integrations.",
     {{.name = "--service", .doc = "those of one service", .value_name = "NAME"}},
     list},
    {"integrations",
     "add",
     "Add an integration of a service.",
     {{.name = "SERVICE", .doc = "such as monzo", .what = parameter_kind::place, .required = true},
      {.name = "--name", .doc = "how people call it", .value_name = "NAME"},
      {.name = "--organisation", .doc = "whose it is, by id", .value_name = "ID"},
      {.name = "--every",
       .doc = "minutes between syncs; 0: none by itself (default: the service's)",
       .what = parameter_kind::integer,
       .value_name = "MINUTES",
       .least = 0,
       .most = 366LL * 24 * 60},
      {.name = "--set",
       .doc = "a value of its config; may be repeated",
       .what = parameter_kind::many,
       .value_name = "KEY=VALUE"}},
     add},
    {"integrations",
     "remove",
     "Remove an integration with its credentials and waiting jobs.",
     {integration_id_parameter(), {.name = "--rows", .doc = "its synced rows too", .what = parameter_kind::flag}},
     remove},
  };
}

} // namespace penstock::node
