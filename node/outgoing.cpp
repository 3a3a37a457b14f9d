#include "node/outgoing.hpp"

#include <string>
#include <utility>

#include "net/outgoing_proxy.hpp"
#include "net/tls_context.hpp"
#include "net/url.hpp"
#include "net/url_guard.hpp"
#include "node/version.hpp"

namespace penstock::node {

result<net::http_client_config> outgoing_config(const config::http_settings& http) {
  net::http_client_config client;
  client.ca_file = http.ca_file.string();
  client.user_agent = "penstock/" + std::string(program_version());
  client.guard = std::make_shared<const net::url_guard>(http.allow_private_hosts);
  if (!http.outgoing_proxy.empty()) {
    auto proxy = net::parse_outgoing_proxy(http.outgoing_proxy);
    if (!proxy)
      return failure(error_code::bad_configuration, "http.outgoing_proxy " + proxy.error().message);
    client.proxy = std::make_shared<const net::outgoing_proxy>(*std::move(proxy));
  }
  return client;
}

std::vector<config::objection> tls_objections(const config::http_settings& http) {
  if (http.tls_certificate.empty() || http.tls_key.empty())
    return {};
  const auto usable = net::make_server_tls(http.tls_certificate.string(), http.tls_key.string());
  if (usable)
    return {};
  const bool is_key = usable.error().message.find("TLS key") != std::string::npos;
  return {{is_key ? "http.tls.key" : "http.tls.certificate", usable.error().message}};
}

std::vector<config::objection> outgoing_objections(const config::settings& values,
                                                   const std::vector<config::section_declaration>& connectors) {
  std::vector<config::objection> objections;
  if (!values.http.outgoing_proxy.empty())
    if (const auto proxy = net::parse_outgoing_proxy(values.http.outgoing_proxy); !proxy)
      objections.push_back({"http.outgoing_proxy", proxy.error().message});
  const net::url_guard guard(values.http.allow_private_hosts);
  constexpr std::string_view prefix = "connectors.";
  // Other addresses are for people's browsers.
  constexpr std::string_view address_key = "base_url";
  for (const auto& declared : connectors) {
    const auto found = values.connectors.find(std::string_view(declared.path).substr(prefix.size()));
    if (found == values.connectors.end() || !found->second.boolean("enabled"))
      continue;
    for (const auto& each : declared.settings) {
      // What is no URL at all the connector objects to.
      if (each.key != address_key)
        continue;
      const auto target = net::parse_url(found->second.text(each.key));
      if (!target)
        continue;
      if (const auto allowed = guard.check_unresolved(*target, false); !allowed)
        objections.push_back({declared.path + "." + each.key, allowed.error().message});
    }
  }
  return objections;
}

} // namespace penstock::node
