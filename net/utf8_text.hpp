#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace penstock::net {

/// The text with U+FFFD in place of each piece that is not well-formed UTF-8 (Unicode 15, table 3-7 and "maximal
/// subparts", as browsers do it). JSON that holds anything else is refused by strict readers (RFC 8259, 8.1).
[[nodiscard]] std::string well_formed_utf8(std::string_view text);

/// The beginning of the text, at most `most` bytes, without a character that was cut in half at its end.
[[nodiscard]] std::string_view clip_utf8(std::string_view text, std::size_t most) noexcept;

} // namespace penstock::net
