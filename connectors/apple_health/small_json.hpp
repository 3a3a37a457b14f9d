#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "core/error.hpp"

namespace penstock::connectors::apple_health {

/// What a JSON string says: its escapes read, its UTF-8 checked. Nothing: it is none, or holds a control character.
[[nodiscard]] std::optional<std::string> small_text(std::string_view json);

/// Parses a value that was cut out of an export. Nothing: it is not JSON. The element lives until the next call on this
/// thread. `json` may be moved.
[[nodiscard]] std::optional<simdjson::dom::element> small_value(std::string& json);

/// The value's JSON in one spelling: without blanks, members in the order of their names (the last one of a name),
/// numbers as short as they can be. An app that writes members in an order of its own each time writes the same value.
void append_canonical(std::string& out, simdjson::dom::element value);
void append_quoted(std::string& out, std::string_view text);

/// Whether it has a control character, which no name or source of anything has.
[[nodiscard]] bool has_control_character(std::string_view text) noexcept;

} // namespace penstock::connectors::apple_health
