#pragma once

#include <string>
#include <string_view>

#include <simdjson.h>

#include "core/error.hpp"

namespace penstock::connectors {

/// Gives the text's buffer room for simdjson's padding, so that it is parsed where it lies, also by whoever gets it
/// next. Moves it at most once.
void make_room_for_padding(std::string& body);

/// Parses a provider's body as a whole, so that no part of it stays unchecked. The element lives until the next call
/// on this thread. `truncated_body`, worth another try: it does not parse, whatever the reason (also for a number that
/// fits neither 64 bits nor a double); `what` begins the message ("Monzo's transactions").
[[nodiscard]] result<simdjson::dom::element> read_json(std::string& body, std::string_view what);

/// The array `key` of an object at the top; of a key that begins with a slash, what stands at that JSON pointer, and of an
/// empty one the body itself. `truncated_body` as above, `unexpected_shape` if it parses and is not that.
[[nodiscard]] result<simdjson::dom::array> read_json_list(std::string& body, std::string_view key,
                                                          std::string_view what);

} // namespace penstock::connectors
