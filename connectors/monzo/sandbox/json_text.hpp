#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/time.hpp"

/// Appends JSON to a text. A page has thousands of fields, and the sandbox is the other side of the benchmark: a tree of
/// values for each would cost more than all else.
namespace penstock::sandbox::monzo {

inline void append(std::string& out, std::int64_t number) {
  std::array<char, 24> digits{};
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

/// A text that needs no escapes, or has them already.
inline void append_plain(std::string& out, std::string_view text) { out.append("\"").append(text).append("\""); }

/// "2026-03-08T03:00:00.125Z", as Monzo writes it; an empty text for no_time.
void append_time(std::string& out, timestamp moment);

} // namespace penstock::sandbox::monzo
