// The address at which webhooks for an integration are taken.
#include <fstream>
#include <iterator>
#include <ostream>

#include "node/commands/api_client.hpp"
#include "node/commands/integration_commands.hpp"
#include "node/commands/session.hpp"
#include "node/commands/show.hpp"

namespace penstock::node {
namespace {

/// From a file, since a command line is everybody's to see.
tl::expected<std::string, command_failure> secret_in(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string secret{std::istreambuf_iterator<char>(in), {}};
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r'))
    secret.pop_back();
  if (!in || secret.empty())
    return give_up(exit_status::wrong_usage, "--signing-secret-file: '" + file + "' cannot be read or is empty");
  return secret;
}

outcome renew(const arguments& given, session& with) {
  const auto path = integration_path(given);
  if (!path)
    return tl::unexpected(path.error());
  boost::json::object body;
  if (given.has("--signing-secret-file")) {
    auto secret = secret_in(given.text("--signing-secret-file"));
    if (!secret)
      return tl::unexpected(std::move(secret.error()));
    body["signing_secret"] = std::move(*secret);
  }
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  const auto answer = (*node)->send("POST", *path + "/webhook-secret", body);
  if (!answer)
    return tl::unexpected(answer.error());
  if (with.json)
    print_body(with, answer->body);
  else
    print_new_webhook(answer->json, with.out);
  return {};
}

} // namespace

void print_new_webhook(const boost::json::value& webhook, std::ostream& out) {
  if (shown(webhook, "secret").empty())
    return;
  // The API does not say whether a connector registers one by itself.
  out << "Its webhooks go to (shown this once; the last part is the secret; not needed where the service's connector\n"
         "registers an address of its own, as its README says):\n  "
      << shown(webhook, "url") << '\n';
  if (const auto key = shown(webhook, "signing_secret"); !key.empty())
    out << "The provider signs them with:\n  " << key << '\n';
}

std::vector<command> webhook_commands() {
  return {
    {"integrations",
     "webhook",
     "Make a new secret address for an integration's webhooks; the former one ends at once.",
     {integration_id_parameter(),
      {.name = "--signing-secret-file",
       .doc = "a file with the key with which the provider signs (default: drawn, or as it was)",
       .value_name = "FILE"}},
     renew},
  };
}

} // namespace penstock::node
