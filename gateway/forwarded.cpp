#include "gateway/forwarded.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

namespace penstock::gateway {
namespace {

/// "192.0.2.1", "192.0.2.1:4711", "[2001:db8::1]:4711", "2001:db8::1".
std::optional<ip_address> address_of(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos)
    return std::nullopt;
  text = text.substr(first, text.find_last_not_of(blanks) - first + 1);
  if (text.starts_with('['))
    text = text.substr(1, text.find(']') - 1);
  else if (const auto colon = text.find(':');
           colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos)
    text = text.substr(0, colon);
  const auto address = parse_ip_address(text);
  return address ? std::optional(unmapped(*address)) : std::nullopt;
}

/// All entries in order, over all fields of the name.
std::vector<std::string_view> entries_of(const net::http_headers& headers) {
  std::vector<std::string_view> entries;
  for (const auto field : headers) {
    if (!net::equals_ignoring_case(field.name, "X-Forwarded-For"))
      continue;
    auto rest = field.value;
    for (;;) {
      const auto comma = rest.find(',');
      entries.push_back(rest.substr(0, comma));
      if (comma == std::string_view::npos)
        break;
      rest.remove_prefix(comma + 1);
    }
  }
  return entries;
}

} // namespace

bool trusted_proxies::trusts(const ip_address& address) const noexcept {
  return std::any_of(networks_.begin(), networks_.end(),
                     [&](const ip_network& each) { return each.contains(address); });
}

void trusted_proxies::apply(net::http_server_request& request) const {
  if (networks_.empty())
    return;
  const auto peer = parse_ip_address(request.remote_address);
  if (!peer || !trusts(*peer))
    return;
  const auto entries = entries_of(request.headers);
  std::optional<ip_address> client;
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    const auto address = address_of(*entry);
    if (!address)
      break; // an unreadable one ends what can be known
    client = address;
    if (!trusts(*address))
      break;
  }
  if (!client)
    return;
  request.remote_address = to_string(*client);
  request.is_loopback = false; // somebody else's, even if the proxy says that it comes from here
}

} // namespace penstock::gateway
