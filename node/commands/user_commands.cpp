#include <ostream>

#include <boost/json/object.hpp>

#include "core/id_text.hpp"
#include "core/role.hpp"
#include "gateway/user_names.hpp"
#include "node/commands/api_client.hpp"
#include "node/commands/command.hpp"
#include "node/commands/password_prompt.hpp"
#include "node/commands/session.hpp"
#include "node/commands/show.hpp"
#include "node/commands/table.hpp"

namespace penstock::node {
namespace {

namespace json = boost::json;

/// The id of the user of that name, else the id itself.
tl::expected<std::string, command_failure> id_of(api_client& node, const std::string& wanted) {
  const auto all = node.get_all("/api/v1/users");
  if (!all)
    return tl::unexpected(all.error());
  for (const auto& each : items_of(all->json))
    if (shown(each, "name") == gateway::folded_name(wanted))
      return shown(each, "id");
  if (parse_id<user_id>(wanted))
    return wanted;
  return give_up(exit_status::failed, "there is no user '" + wanted + "': penstock user list shows them");
}

outcome add(const arguments& given, session& with) {
  if (!parse_role(given.text("--role")))
    return give_up(exit_status::wrong_usage, "--role is viewer, operator or admin");
  if (given.has("--organisation") && !parse_id<organisation_id>(given.text("--organisation")))
    return give_up(exit_status::wrong_usage, "--organisation is the id of an organisation");
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  auto password = ask_password(with.err, "password of " + given.text("NAME"));
  if (!password)
    return tl::unexpected(std::move(password.error()));
  json::object body{{"name", given.text("NAME")}, {"role", given.text("--role")}, {"password", *password}};
  if (given.has("--organisation"))
    body["organisation_id"] = given.text("--organisation");
  const auto answer = (*node)->send("POST", "/api/v1/users", body);
  if (!answer)
    return tl::unexpected(answer.error());
  if (with.json)
    print_body(with, answer->body);
  else
    with.out << "user " << shown(answer->json, "id") << " (" << shown(answer->json, "name") << "), role "
             << shown(answer->json, "role") << ", may sign in\n";
  return {};
}

outcome list(const arguments&, session& with) {
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  const auto answer = (*node)->get_all("/api/v1/users");
  if (!answer)
    return tl::unexpected(answer.error());
  if (with.json) {
    print_body(with, answer->body);
    return {};
  }
  table shown_table({{"USER"}, {"NAME"}, {"ROLE"}, {"ORGANISATION"}, {"MADE BY"}, {"SIGNED IN"}});
  for (const auto& each : items_of(answer->json))
    shown_table.add({shown(each, "id"), shown(each, "name"), shown(each, "role"), shown(each, "organisation_id"),
                     shown(each, "created_by"), shown_time(each, "last_signed_in_at")});
  shown_table.print(with.out);
  return {};
}

outcome change(const arguments& given, session& with) {
  if (given.has("--role") && !parse_role(given.text("--role")))
    return give_up(exit_status::wrong_usage, "--role is viewer, operator or admin");
  if (!given.has("--role") && !given.has("--password"))
    return give_up(exit_status::wrong_usage, "say what to change: --role ROLE, --password, or both");
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  const auto id = id_of(**node, given.text("USER"));
  if (!id)
    return tl::unexpected(id.error());
  json::object body;
  if (given.has("--role"))
    body["role"] = given.text("--role");
  if (given.has("--password")) {
    auto password = ask_password(with.err, "new password of " + given.text("USER"));
    if (!password)
      return tl::unexpected(std::move(password.error()));
    body["password"] = *password;
  }
  const auto answer = (*node)->send("PATCH", "/api/v1/users/" + *id, body);
  if (!answer)
    return tl::unexpected(answer.error());
  if (with.json)
    print_body(with, answer->body);
  else
    with.out << "user " << *id << " is changed, and signed out everywhere\n";
  return {};
}

outcome remove(const arguments& given, session& with) {
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  const auto id = id_of(**node, given.text("USER"));
  if (!id)
    return tl::unexpected(id.error());
  const auto answer = (*node)->send("DELETE", "/api/v1/users/" + *id);
  if (!answer)
    return tl::unexpected(answer.error());
  if (!with.json)
    with.out << "user " << *id << " is removed, and signed out everywhere\n";
  return {};
}

} // namespace

std::vector<command> user_commands() {
  return {
    {"user",
     "add",
     "Let somebody sign in. The password is asked for, or read from standard input.",
     {{.name = "NAME", .doc = "with which the person signs in", .what = parameter_kind::place, .required = true},
      {.name = "--role", .doc = "viewer, operator or admin", .required = true, .value_name = "ROLE"},
      {.name = "--organisation", .doc = "the person sees nothing else (default: everything)", .value_name = "ID"}},
     add},
    {"user", "list", "Show who may sign in.", {}, list},
    {"user",
     "change",
     "Change a person's role or password; it is signed out everywhere.",
     {{.name = "USER", .doc = "name or id", .what = parameter_kind::place, .required = true},
      {.name = "--role", .doc = "viewer, operator or admin", .value_name = "ROLE"},
      {.name = "--password", .doc = "ask for a new one", .what = parameter_kind::flag}},
     change},
    {"user",
     "remove",
     "Let somebody sign in no more.",
     {{.name = "USER", .doc = "name or id", .what = parameter_kind::place, .required = true}},
     remove},
  };
}

} // namespace penstock::node
