#include <chrono>
#include <ostream>

#include <boost/asio/steady_timer.hpp>

#include "node/commands/api_client.hpp"
#include "node/commands/integration_commands.hpp"
#include "node/commands/session.hpp"
#include "node/commands/show.hpp"

namespace penstock::node {
namespace {

/// As long as the link lives.
constexpr auto patience = std::chrono::minutes(10);
constexpr auto look_again = std::chrono::milliseconds(500);

/// Until the stored credential is another one than it was.
outcome wait_for_consent(api_client& node, const std::string& path, const std::string& authorised_before) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < end) {
    net::asio::steady_timer(node.context(), look_again).wait();
    const auto now = node.get(path);
    if (!now)
      return tl::unexpected(now.error());
    if (shown(now->json, "authorised_at") != authorised_before)
      return {};
  }
  return give_up(exit_status::failed, "nobody consented within ten minutes: run the command again for a new link");
}

outcome authorize(const arguments& given, session& with) {
  const auto path = integration_path(given);
  if (!path)
    return tl::unexpected(path.error());
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  const auto before = (*node)->get(*path);
  if (!before)
    return tl::unexpected(before.error());
  const auto link = (*node)->send("POST", *path + "/authorize");
  if (!link)
    return tl::unexpected(link.error());
  if (with.json)
    print_body(with, link->body);
  else
    with.out << "Open this link in the browser of whoever may consent. It works once, until "
             << shown_time(link->json, "expires_at") << ":\n\n  " << shown(link->json, "url") << "\n\n";
  with.out << std::flush;
  if (given.has("--no-wait"))
    return {};
  const auto authorised_before = shown(before->json, "authorised_at");
  if (!authorised_before.empty() && !with.json)
    with.out << (shown(before->json, "status") == "requires_reauth"
                   ? "Its former consent is good for nothing any more. Waiting for the new one.\n"
                   : "It is authorised already; the link replaces that consent. Waiting for the new one.\n")
             << std::flush;
  if (auto consented = wait_for_consent(**node, *path, authorised_before); !consented)
    return consented;
  if (!with.json)
    with.out << "integration " << given.text("ID") << " is authorised\n";
  return {};
}

} // namespace

std::vector<command> authorize_commands() {
  return {
    {"integrations",
     "authorize",
     "Print a one-time link for the browser, and wait for the consent.",
     {integration_id_parameter(), {.name = "--no-wait", .doc = "print the link and end", .what = parameter_kind::flag}},
     authorize}};
}

} // namespace penstock::node
