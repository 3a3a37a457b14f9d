#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace penstock {

/// What somebody wrote, as a message of one line may quote it: at most `most` bytes of it, without a character that was
/// cut in half at its end, and U+FFFD in place of each control character.
[[nodiscard]] std::string quotable(std::string_view text, std::size_t most);

} // namespace penstock
