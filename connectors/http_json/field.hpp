#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "core/error.hpp"
#include "core/time.hpp"
#include "messages/row.hpp"

namespace penstock::connectors::http_json {

enum class field_type : std::uint8_t {
  text,    ///< also of a number or a boolean, as JSON writes it
  integer, ///< a whole number
  real,
  boolean, ///< 0 or 1
  time,    ///< microseconds since 1970
  json     ///< whatever stands there, as JSON
};

/// How an API writes moments.
enum class time_format : std::uint8_t { rfc3339, seconds, milliseconds };

/// One column, and where an item holds its value.
struct field {
  std::string column;
  field_type type = field_type::text;
  std::string place; ///< JSON pointer

  [[nodiscard]] column_type stored_as() const noexcept;
};

/// "pricing.amount" or "/pricing/amount" as a JSON pointer (RFC 6901); an empty text is the whole. invalid_argument.
[[nodiscard]] result<std::string> read_place(std::string_view written);
/// "price:integer=pricing.amount"; without a type it is text, without a place that of its name. invalid_argument says
/// what to write.
[[nodiscard]] result<field> read_field(std::string_view written);

/// What stands there; nothing where there is nothing, or null.
[[nodiscard]] std::optional<simdjson::dom::element> find(simdjson::dom::element item, std::string_view place);
/// The value as its column takes it. invalid_argument: what it is not ("is not a whole number").
[[nodiscard]] result<column_value> read_value(simdjson::dom::element value, field_type type, time_format times);
/// A time of this format: also a date alone, which is its first moment. invalid_argument.
[[nodiscard]] result<timestamp> read_time(simdjson::dom::element value, time_format times);
/// Whether an item is gone: true, 1, or the moment at which it went (RFC 3339, a date, or as the API writes times otherwise);
/// not by false, 0, or an empty text. invalid_argument for all else: a word that says "active" or "no" is not guessed at.
[[nodiscard]] result<bool> read_gone(simdjson::dom::element value, time_format times);
/// A moment as the API writes it.
[[nodiscard]] std::string write_time(timestamp moment, time_format times);
/// An id: a text that is not empty, or a whole number. Nothing: neither.
[[nodiscard]] std::optional<std::string> read_id(simdjson::dom::element value);

} // namespace penstock::connectors::http_json
