#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

/// The candidates that a mistyped `text` most likely meant, best first, at most `limit`. Case, blanks, '-' and '_' do
/// not count; of a path the last part alone may match ("new york" finds "America/New_York"). Empty when none is close.
[[nodiscard]] std::vector<std::string> nearest_names(std::string_view text, const std::vector<std::string>& candidates,
                                                     std::size_t limit = 3);

/// " (did you mean 'a', 'b'?)", or nothing: for the end of an error message.
[[nodiscard]] std::string did_you_mean(std::string_view text, const std::vector<std::string>& candidates);
/// The same, or if no candidate is close: ": it takes a, b, c", or nothing where there is none.
[[nodiscard]] std::string did_you_mean_or_all(std::string_view text, const std::vector<std::string>& candidates);

} // namespace penstock
