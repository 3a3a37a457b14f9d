#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/ip_network.hpp"

namespace penstock {

/// Hosts by name, by what their names end in, and by address.
class host_list {
public:
  host_list() = default;

  /// Each entry is a name ("crm.example"), the names below one ("*.corp.example", not corp.example itself), an address or a
  /// range of addresses (core/ip_network.hpp). `invalid_argument` that names the entry which is none of these.
  [[nodiscard]] static result<host_list> parse(const std::vector<std::string>& entries);

  /// `host` in lower case; a dot at its end is passed over.
  [[nodiscard]] bool has_name(std::string_view host) const;
  [[nodiscard]] bool has_address(const ip_address& address) const;
  [[nodiscard]] bool has_networks() const noexcept { return !networks_.empty(); }

private:
  std::vector<std::string> names_;
  std::vector<std::string> endings_; ///< ".corp.example"
  std::vector<ip_network> networks_;
};

} // namespace penstock
