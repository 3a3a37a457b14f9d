#pragma once

#include <string_view>

namespace penstock::node {

/// "0.1.0", as the build says.
[[nodiscard]] std::string_view program_version() noexcept;

} // namespace penstock::node
