#pragma once

#include <string>
#include <string_view>

namespace penstock::net {

/// Base64 with padding (RFC 4648, 4), as `Authorization: Basic` has it.
[[nodiscard]] std::string base64(std::string_view bytes);

} // namespace penstock::net
