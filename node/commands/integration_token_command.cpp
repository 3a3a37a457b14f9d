// A token that a provider's pages gave somebody.
#include <ostream>

#include "node/commands/api_client.hpp"
#include "node/commands/integration_commands.hpp"
#include "node/commands/password_prompt.hpp"
#include "node/commands/session.hpp"
#include "node/commands/show.hpp"

namespace penstock::node {
namespace {

outcome store_token(const arguments& given, session& with) {
  const auto path = integration_path(given);
  if (!path)
    return tl::unexpected(path.error());
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  auto token = ask_secret(with.err, "token", "token of integration " + given.text("ID"));
  if (!token)
    return tl::unexpected(std::move(token.error()));
  const auto answer = (*node)->send("POST", *path + "/token", boost::json::object{{"token", *token}});
  if (!answer)
    return tl::unexpected(answer.error());
  if (with.json)
    print_body(with, answer->body);
  else
    with.out << "integration " << given.text("ID") << " has its token (" << shown(answer->json, "status") << ")\n";
  return {};
}

} // namespace

std::vector<command> integration_token_commands() {
  return {{"integrations",
           "token",
           "Store an integration's own token, read from standard input, and begin a sync with it.",
           {integration_id_parameter()},
           store_token}};
}

} // namespace penstock::node
