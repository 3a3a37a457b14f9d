#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/time.hpp"

namespace penstock::connectors::http_json {

/// How far a list is stored, as JSON {"updated", "of"}: nothing that was changed before is missing. no_time: not known, and
/// the next run reads the list from its beginning.
struct cursor {
  timestamp updated = no_time;
  /// The list that it was a cursor of (list_identity); empty: whichever is read next, as where a person named the moment.
  std::string of{};
};

/// The cursor as far as it is one of this list: of another one it says nothing.
[[nodiscard]] cursor valid_for(cursor stored, const std::string& identity);

[[nodiscard]] std::string to_text(const cursor& value);
/// An empty text is an empty cursor. bad_configuration: not a cursor of ours; the message says how to reset it.
[[nodiscard]] result<cursor> parse_cursor(std::string_view text, const std::string& what);

} // namespace penstock::connectors::http_json
