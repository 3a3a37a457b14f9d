#pragma once

#include <string_view>

#include "core/error.hpp"
#include "core/host_list.hpp"
#include "net/url.hpp"

namespace penstock::net {

/// `localhost` and the names below it (RFC 6761, 6.3). `host` as in `url`.
[[nodiscard]] bool is_localhost(std::string_view host) noexcept;

/// Decides whom the node may send requests to: hosts of the internet by https, and whom `http.allow_private_hosts` lists,
/// by http too. An answer that is no is `bad_configuration`: nobody should try again. The messages name the host and the
/// setting, never the address that a name has, which may be of use to whoever wrote the URL.
class url_guard {
public:
  explicit url_guard(host_list allowed = {}) : allowed_(std::move(allowed)) {}

  /// To be asked with the very address that is connected to next: what a name had before says nothing.
  [[nodiscard]] result<void> check(const url& target, const ip_address& address) const;

  /// What can be said before the name is resolved, or when somebody else resolves it. Hosts that are addresses are judged
  /// as such. With `final`, nobody will ask with the address: what only an address could allow is refused.
  [[nodiscard]] result<void> check_unresolved(const url& target, bool final) const;

  /// Whether the host is allowed as it is written.
  [[nodiscard]] bool lists(const url& target) const;

private:
  const host_list allowed_;
};

} // namespace penstock::net
