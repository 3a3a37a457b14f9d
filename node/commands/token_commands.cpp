#include <ostream>

#include <boost/json/object.hpp>

#include "core/duration_text.hpp"
#include "core/id_text.hpp"
#include "core/role.hpp"
#include "node/commands/api_client.hpp"
#include "node/commands/command.hpp"
#include "node/commands/session.hpp"
#include "node/commands/show.hpp"
#include "node/commands/table.hpp"

namespace penstock::node {
namespace {

namespace json = boost::json;

outcome create(const arguments& given, session& with) {
  json::object body{{"name", given.has("--name") ? given.text("--name") : "made by penstock token create"},
                    {"role", given.text("--role")}};
  if (!parse_role(given.text("--role")))
    return give_up(exit_status::wrong_usage, "--role is viewer, operator or admin");
  if (given.has("--organisation") && !parse_id<organisation_id>(given.text("--organisation")))
    return give_up(exit_status::wrong_usage, "--organisation is the id of an organisation");
  if (given.has("--organisation"))
    body["organisation_id"] = given.text("--organisation");
  if (given.has("--expires")) {
    const auto life = parse_duration(given.text("--expires"));
    if (!life || *life <= duration{0})
      return give_up(exit_status::wrong_usage, "--expires is a duration such as 12h or 90d");
    body["expires_in_ms"] = std::chrono::duration_cast<std::chrono::milliseconds>(*life).count();
  }
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  const auto answer = (*node)->send("POST", "/api/v1/tokens", body);
  if (!answer)
    return tl::unexpected(answer.error());
  if (with.json) {
    print_body(with, answer->body);
    return {};
  }
  // The token alone on standard output, so that a script can take it.
  with.out << shown(answer->json, "token") << std::endl;
  if (!with.out)
    return give_up(exit_status::failed, "the token could not be written and is lost: revoke token " +
                                          shown(answer->json, "id") + " and make another");
  with.err << "token " << shown(answer->json, "id") << ", role " << shown(answer->json, "role")
           << ": keep it now, it is not told again\n";
  return {};
}

outcome list(const arguments&, session& with) {
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  const auto answer = (*node)->get_all("/api/v1/tokens");
  if (!answer)
    return tl::unexpected(answer.error());
  if (with.json) {
    print_body(with, answer->body);
    return {};
  }
  table shown_table({{"TOKEN"}, {"NAME"}, {"ROLE"}, {"ORGANISATION"}, {"MADE BY"}, {"EXPIRES"}, {"LAST USED"}});
  for (const auto& each : items_of(answer->json))
    shown_table.add({shown(each, "id"), shown(each, "name"), shown(each, "role"), shown(each, "organisation_id"),
                     shown(each, "created_by"), shown_time(each, "expires_at"), shown_time(each, "last_used_at")});
  shown_table.print(with.out);
  return {};
}

outcome revoke(const arguments& given, session& with) {
  const auto id = parse_id<token_id>(given.text("ID"));
  if (!id)
    return give_up(exit_status::wrong_usage, "ID: " + id.error().message);
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  const auto answer = (*node)->send("DELETE", "/api/v1/tokens/" + to_string(*id));
  if (!answer)
    return tl::unexpected(answer.error());
  if (!with.json)
    with.out << "token " << to_string(*id) << " is revoked\n";
  return {};
}

} // namespace

std::vector<command> token_commands() {
  return {
    {"token",
     "create",
     "Make a token for the HTTP interface, and print it: it is not told again.",
     {{.name = "--role", .doc = "viewer, operator or admin", .required = true, .value_name = "ROLE"},
      {.name = "--name", .doc = "what it is for", .value_name = "NAME"},
      {.name = "--organisation", .doc = "it sees nothing else (default: everything)", .value_name = "ID"},
      {.name = "--expires", .doc = "how long it is good: 12h, 90d (default: for ever)", .value_name = "DURATION"}},
     create},
    {"token", "list", "Show the tokens, and when they were used last.", {}, list},
    {"token",
     "revoke",
     "Make a token good for nothing, from now on.",
     {{.name = "ID", .doc = "of token list", .what = parameter_kind::place, .required = true}},
     revoke},
  };
}

} // namespace penstock::node
