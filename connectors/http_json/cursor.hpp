#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/time.hpp"

namespace penstock::connectors::http_json {

/// How far a list is stored, as JSON {"updated"}: nothing that was changed before is missing. no_time: not known, and the
/// next run reads the list from its beginning.
struct cursor {
  timestamp updated = no_time;
};

[[nodiscard]] std::string to_text(const cursor& value);
/// An empty text is an empty cursor. bad_configuration: not a cursor of ours; the message says how to reset it.
[[nodiscard]] result<cursor> parse_cursor(std::string_view text, const std::string& what);

} // namespace penstock::connectors::http_json
