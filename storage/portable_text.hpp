#pragma once

#include <string>
#include <string_view>

namespace penstock::storage {

/// Whether a text is UTF-8 without NUL: what every database takes.
[[nodiscard]] bool is_portable(std::string_view text) noexcept;

/// Makes a text that is shown to people fit for every database: bytes that are no UTF-8, and NUL, become U+FFFD.
void mend_text(std::string& text);

/// A body that must come back byte for byte, in a form that every database takes: as it is where that is possible, else
/// in base 64 behind a mark.
[[nodiscard]] std::string to_portable(std::string_view body);

/// The body that `to_portable` was given. Throws storage_exception for what it never made.
[[nodiscard]] std::string from_portable(std::string stored);

/// The largest beginning of `text` of at most `most` bytes that cuts no character apart.
[[nodiscard]] std::size_t whole_characters(std::string_view text, std::size_t most) noexcept;

} // namespace penstock::storage
