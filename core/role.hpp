#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace penstock {

/// What a caller may do. Each includes those before it. The numbers are stored: never change them.
enum class role : std::uint8_t {
  viewer = 1,    ///< sees
  operating = 2, ///< "operator": also runs, pauses, retries, adds and edits
  admin = 3      ///< also removes, and decides who may do what
};

/// "viewer", "operator", "admin".
[[nodiscard]] std::string_view to_string(role value) noexcept;
[[nodiscard]] std::optional<role> parse_role(std::string_view name) noexcept;

} // namespace penstock
