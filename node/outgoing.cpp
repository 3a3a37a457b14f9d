#include "node/outgoing.hpp"

#include <algorithm>
#include <string>
#include <string_view>
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

std::vector<provider_address> provider_addresses(const config::settings& values,
                                                 const std::vector<config::section_declaration>& connectors) {
  constexpr std::string_view prefix = "connectors.", any_table = ".*";
  // Other addresses are for people's browsers.
  const std::string address_key = "base_url";
  std::vector<provider_address> found;
  const auto add = [&](const config::section& section, const std::string& path) {
    if (const auto& url = section.text(address_key); !url.empty())
      found.push_back({path.substr(prefix.size()), path + "." + address_key, url});
  };
  for (const auto& declared : connectors) {
    auto path = declared.path;
    const bool is_table = path.ends_with(any_table);
    if (is_table)
      path.resize(path.size() - any_table.size());
    const auto of = values.connectors.find(std::string_view(path).substr(prefix.size()));
    if (of == values.connectors.end() || !of->second.boolean("enabled") ||
        std::none_of(declared.settings.begin(), declared.settings.end(),
                     [&](const config::setting& each) { return each.key == address_key; }))
      continue;
    if (!is_table)
      add(of->second, path);
    else
      for (const auto& table : of->second.tables())
        add(table.settings, path + "." + table.name);
  }
  return found;
}

std::vector<config::objection> outgoing_objections(const config::settings& values,
                                                   const std::vector<config::section_declaration>& connectors) {
  std::vector<config::objection> objections;
  if (!values.http.outgoing_proxy.empty())
    if (const auto proxy = net::parse_outgoing_proxy(values.http.outgoing_proxy); !proxy)
      objections.push_back({"http.outgoing_proxy", proxy.error().message});
  const net::url_guard guard(values.http.allow_private_hosts);
  for (const auto& each : provider_addresses(values, connectors)) {
    // What is no URL at all the connector objects to.
    const auto target = net::parse_url(each.url);
    if (!target)
      continue;
    if (const auto allowed = guard.check_unresolved(*target, false); !allowed)
      objections.push_back({each.key, allowed.error().message});
  }
  return objections;
}

} // namespace penstock::node
