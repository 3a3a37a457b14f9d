#include "connectors/webhook_reach.hpp"

#include <string>

#include "core/address_kind.hpp"
#include "net/url.hpp"

namespace penstock::connectors {
namespace {

bool is_of_this_machine(std::string_view host) {
  if (host == "localhost" || host.ends_with(".localhost"))
    return true;
  const auto address = parse_ip_address(host);
  return address && kind_of(*address) == address_kind::loopback;
}

} // namespace

result<void> check_webhook_reach(std::string_view address, std::string_view provider, std::string_view who) {
  const auto from = net::parse_url(provider), to = net::parse_url(address);
  if (!from || !to)
    return failure(error_code::bad_configuration,
                   std::string(who) + " cannot send webhooks: http.public_url or its base_url is not a URL");
  if (is_of_this_machine(to->host) && !is_of_this_machine(from->host))
    return failure(error_code::bad_configuration,
                   std::string(who) + " cannot reach " + to->origin() +
                     ": set http.public_url to the address at which the internet finds this node");
  return {};
}

} // namespace penstock::connectors
