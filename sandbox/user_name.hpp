#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace penstock::sandbox {

/// "user_3".
[[nodiscard]] std::string user_name(std::uint32_t user);
/// Of "user_3" or "3"; nothing for anything else.
[[nodiscard]] std::optional<std::uint32_t> user_number(std::string_view text);

} // namespace penstock::sandbox
