#pragma once

#include <string>
#include <string_view>

namespace penstock::storage {

/// A LIKE pattern (ESCAPE '\') for texts that hold `part` somewhere.
[[nodiscard]] std::string pattern_containing(std::string_view part);

/// A LIKE pattern (ESCAPE '\') for a glob, in which `*` stands for any text and `?` for one character.
[[nodiscard]] std::string pattern_of_glob(std::string_view glob);

/// Whether a glob stands for more than itself.
[[nodiscard]] bool has_wildcard(std::string_view glob) noexcept;

} // namespace penstock::storage
