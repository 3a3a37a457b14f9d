#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace penstock::storage {

/// Replaces each `OPENING...}` by what `expression` makes of the text between.
void replace_calls(std::string& text, std::string_view opening,
                   const std::function<std::string(const std::string&)>& expression);

/// Replaces each `what`.
void replace_all(std::string& text, std::string_view what, std::string_view by);

} // namespace penstock::storage
