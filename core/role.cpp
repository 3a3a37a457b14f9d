#include "core/role.hpp"

namespace penstock {

std::string_view to_string(role value) noexcept {
  switch (value) {
    case role::viewer: return "viewer";
    case role::operating: return "operator";
    case role::admin: return "admin";
  }
  return "unknown";
}

std::optional<role> parse_role(std::string_view name) noexcept {
  for (const auto each : {role::viewer, role::operating, role::admin})
    if (to_string(each) == name)
      return each;
  return std::nullopt;
}

} // namespace penstock
