#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace penstock::connectors::http_json {

/// What an integration's config fills in for the {names} of its description.
using fillings = std::map<std::string, std::string, std::less<>>;

/// The names in a text: "account_id" of "/accounts/{account_id}/items", each once. invalid_argument: a brace without its
/// other half, or a name that is none.
[[nodiscard]] result<std::vector<std::string>> names_in(std::string_view text);
/// The text with each {name} replaced by what `encode` makes of its filling. Names that `names_in` gave are filled.
[[nodiscard]] std::string filled(std::string_view text, const fillings& with,
                                 const std::function<std::string(std::string_view)>& encode);

} // namespace penstock::connectors::http_json
