#include "node/commands/node_address.hpp"

#include <fstream>
#include <utility>

#include <boost/asio/ip/address.hpp>

#include "config/listen_address.hpp"
#include "net/asio.hpp"
#include "net/url.hpp"
#include "node/node_plan.hpp"
#include "node/private_files.hpp"

namespace penstock::node {
namespace {

std::string environment(const session& with, const std::string& name) {
  const auto found = with.here.environment.find(name);
  return found == with.here.environment.end() ? std::string{} : found->second;
}

bool is_this_machine(const net::url& address) {
  boost::system::error_code is_name;
  const auto ip = net::asio::ip::make_address(address.host, is_name);
  return address.host == "localhost" || (!is_name && ip.is_loopback());
}

/// With port 0 only the running node knows its port; it leaves a note.
tl::expected<std::string, command_failure> configured_url(const config::settings& settings) {
  if (settings.http.listen.port != 0)
    return config::local_url(settings.http.listen, settings.http.has_tls());
  std::ifstream note(url_file(settings.node.data_dir));
  std::string url;
  if (std::getline(note, url) && !url.empty())
    return url;
  return give_up(exit_status::unreachable, "no node runs on " + settings.node.data_dir.string() +
                                             ": start one with 'penstock serve', or name another with --url");
}

void trust(node_address& node, const config::settings& settings, bool is_here) {
  if (node.ca_file.empty())
    node.ca_file = settings.http.ca_file.string();
  // Whoever may not read it asks authorities like everybody else.
  if (is_here && std::ifstream(settings.http.tls_certificate))
    node.known_certificate = settings.http.tls_certificate.string();
}

tl::expected<std::string, command_failure> checked_url(std::string url) {
  const auto parsed = net::parse_url(url);
  if (!parsed)
    return give_up(exit_status::wrong_usage,
                   "'" + url + "' is no address of a node: write it like http://127.0.0.1:8080");
  while (url.ends_with('/'))
    url.pop_back();
  return url;
}

} // namespace

tl::expected<node_address, command_failure> find_node(const session& with) {
  node_address found;
  found.url = with.url.empty() ? environment(with, "PENSTOCK_URL") : with.url;
  found.token = with.token.empty() ? environment(with, "PENSTOCK_TOKEN") : with.token;
  found.token_advice = "give the right one with --token or PENSTOCK_TOKEN";
  if (!found.url.empty()) {
    auto checked = checked_url(std::move(found.url));
    if (!checked)
      return tl::unexpected(std::move(checked.error()));
    found.url = std::move(*checked);
  }
  found.ca_file = with.ca_file.empty() ? environment(with, "PENSTOCK_CA_FILE") : with.ca_file;
  const bool here = found.url.empty() || is_this_machine(*net::parse_url(found.url));
  const bool is_enough = !found.url.empty() && (!found.token.empty() || !here);
  // A configuration is not needed then, but where there is one it knows authorities.
  if (is_enough && (!found.url.starts_with("https:") || !found.ca_file.empty()))
    return found;

  const auto settings = read_settings(with.config_file, with.here);
  if (is_enough) {
    if (settings)
      trust(found, *settings, here);
    return found;
  }
  if (!settings)
    return tl::unexpected(command_failure{exit_status::bad_configuration, settings.error()});
  trust(found, *settings, here);
  if (found.url.empty()) {
    auto url = configured_url(*settings);
    if (!url)
      return tl::unexpected(std::move(url.error()));
    found.url = std::move(*url);
  }
  if (found.token.empty()) {
    const auto file = token_file(settings->node.data_dir);
    if (auto token = read_token(file))
      found.token = std::move(*token);
    else
      found.token_advice = token.error().message + ": give a token with --token or PENSTOCK_TOKEN, or name the "
                                                   "configuration of the node with --config";
  }
  return found;
}

} // namespace penstock::node
