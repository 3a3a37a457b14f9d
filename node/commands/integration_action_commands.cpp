// Commands that change what becomes of integrations.
#include <ostream>

#include <boost/json/parse.hpp>

#include "core/rfc3339.hpp"
#include "node/commands/api_client.hpp"
#include "node/commands/integration_commands.hpp"
#include "node/commands/session.hpp"
#include "node/commands/show.hpp"

namespace penstock::node {
namespace {

/// A POST that answers with the integration as it stands then.
outcome act(const arguments& given, session& with, const std::string& verb, const boost::json::value& body,
            const std::string& told) {
  const auto path = integration_path(given);
  if (!path)
    return tl::unexpected(path.error());
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  const auto answer = (*node)->send("POST", *path + "/" + verb, body);
  if (!answer)
    return tl::unexpected(answer.error());
  if (with.json)
    print_body(with, answer->body);
  else
    with.out << "integration " << given.text("ID") << " " << told << " (" << shown(answer->json, "status") << ")\n";
  return {};
}

outcome pause(const arguments& given, session& with) { return act(given, with, "pause", nullptr, "is paused"); }
outcome resume(const arguments& given, session& with) { return act(given, with, "resume", nullptr, "goes on"); }

/// "stream transactions from the beginning", "everything since 2026-01-01T00:00:00Z"
std::string from_where(const arguments& given) {
  const auto what = given.has("--stream") ? "stream " + given.text("--stream") : std::string("everything");
  if (given.has("--from"))
    return what + " since " + given.text("--from");
  return what + (given.has("--cursor") ? " from the cursor " + given.text("--cursor") : " from the beginning");
}

outcome reset(const arguments& given, session& with) {
  boost::json::object body;
  if (given.has("--from")) {
    const auto from = parse_rfc3339(given.text("--from"));
    if (!from)
      return give_up(exit_status::wrong_usage, "--from: " + from.error().message);
    body["from"] = format_rfc3339(*from);
  }
  if (given.has("--stream"))
    body["stream"] = given.text("--stream");
  if (given.has("--cursor")) {
    boost::system::error_code wrong;
    body["cursor"] = boost::json::parse(given.text("--cursor"), wrong);
    if (wrong)
      return give_up(exit_status::wrong_usage, "--cursor takes JSON such as 'integrations show' prints");
  }
  return act(given, with, "reset", body, "reads " + from_where(given) + " in its next sync");
}

} // namespace

std::vector<command> integration_action_commands() {
  return {
    {"integrations", "pause", "Start no more syncs of an integration.", {integration_id_parameter()}, pause},
    {"integrations", "resume", "Let a paused integration go on.", {integration_id_parameter()}, resume},
    {"integrations",
     "reset",
     "Read again: from the beginning, from a moment or from a given cursor.",
     {integration_id_parameter(),
      {.name = "--stream", .doc = "one stream (default: all)", .value_name = "NAME"},
      {.name = "--cursor", .doc = "where that stream goes on, as 'integrations show' prints it", .value_name = "JSON"},
      {.name = "--from", .doc = "everything since this moment", .value_name = "RFC3339"}},
     reset},
  };
}

std::vector<command> integration_commands() {
  std::vector<command> all;
  for (const auto& part : {integration_list_commands(), integration_show_commands(), integration_error_commands(),
                           fetch_commands(), integration_action_commands(), integration_schedule_commands(),
                           authorize_commands(), integration_token_commands(), webhook_commands()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

} // namespace penstock::node
