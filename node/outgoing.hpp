#pragma once

#include <string>
#include <vector>

#include "config/objection.hpp"
#include "config/section_declaration.hpp"
#include "config/settings.hpp"
#include "core/error.hpp"
#include "net/beast_http_client.hpp"

namespace penstock::node {

/// How the node's own requests go out: guard, proxy, authorities. `bad_configuration`.
[[nodiscard]] result<net::http_client_config> outgoing_config(const config::http_settings& http);

/// What is wrong with the files of `http.tls`, where both are named.
[[nodiscard]] std::vector<config::objection> tls_objections(const config::http_settings& http);

struct provider_address {
  std::string name; ///< "monzo", "http_json.shop"
  std::string key;  ///< "connectors.http_json.shop.base_url"
  std::string url;
};
/// The `base_url` of enabled connectors and of the tables that people named below them, where one is set. `connectors`:
/// connector_sections().
[[nodiscard]] std::vector<provider_address>
provider_addresses(const config::settings& values, const std::vector<config::section_declaration>& connectors);

/// What is wrong with `http.outgoing_proxy`, and with the `base_url` of enabled connectors where the guard would refuse it
/// whatever the name service says.
[[nodiscard]] std::vector<config::objection>
outgoing_objections(const config::settings& values, const std::vector<config::section_declaration>& connectors);

} // namespace penstock::node
