#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace penstock::config {

/// Reads "512B", "64KB", "16MB", "1GB", "2TB": a whole number and one unit; each unit is 1,024 of the one before.
/// In bytes. Else, or from 8 exabytes on, `invalid_argument`.
[[nodiscard]] result<std::int64_t> parse_size(std::string_view text);

/// The shortest such text that says it exactly: 65536 is "64KB". `bytes` is not negative.
[[nodiscard]] std::string format_size(std::int64_t bytes);

} // namespace penstock::config
