#include "net/url_guard.hpp"

#include <string>

#include "core/address_kind.hpp"

namespace penstock::net {
namespace {

tl::unexpected<error> refuse(const url& target, std::string_view why) {
  return failure(error_code::bad_configuration, "no request is sent to " + target.origin() + ": " + std::string(why));
}

std::string way_out(const url& target) {
  return "; if it is meant, add \"" + target.host + "\" to http.allow_private_hosts";
}

tl::unexpected<error> refuse_plain(const url& target) {
  return refuse(target, "http is for hosts in http.allow_private_hosts; write https" + way_out(target));
}

} // namespace

bool is_localhost(std::string_view host) noexcept {
  constexpr std::string_view name = "localhost";
  if (host.ends_with('.'))
    host.remove_suffix(1);
  return host == name ||
         (host.size() > name.size() && host.ends_with(name) && host[host.size() - name.size() - 1] == '.');
}

result<void> url_guard::check(const url& target, const ip_address& address) const {
  if (allowed_.has_name(target.host) || allowed_.has_address(address))
    return {};
  if (const auto kind = kind_of(address); kind != address_kind::global)
    return refuse(target, "it has " + std::string(describe(kind)) + way_out(target));
  if (!target.is_tls())
    return refuse_plain(target);
  return {};
}

result<void> url_guard::check_unresolved(const url& target, bool final) const {
  // It would not be sent, and whoever wrote it thinks that it is.
  if (!target.user_info.empty())
    return failure(error_code::bad_configuration, "no request is sent to " + target.origin() +
                                                    ": its URL holds a user name or a password; leave them out");
  if (const auto literal = parse_ip_address(target.host))
    return check(target, *literal);
  if (is_localhost(target.host) && !allowed_.has_name(target.host)) {
    constexpr std::string_view both[] = {"127.0.0.1", "::1"};
    for (const auto each : both)
      if (allowed_.has_address(*parse_ip_address(each)))
        return {};
    return check(target, *parse_ip_address(both[0]));
  }
  const bool may_be_allowed = allowed_.has_name(target.host) || (!final && allowed_.has_networks());
  if (!target.is_tls() && !may_be_allowed)
    return refuse_plain(target);
  return {};
}

bool url_guard::lists(const url& target) const {
  if (allowed_.has_name(target.host))
    return true;
  const auto literal = parse_ip_address(target.host);
  return literal && allowed_.has_address(*literal);
}

} // namespace penstock::net
