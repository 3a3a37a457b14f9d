#pragma once

#include <charconv>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/ids.hpp"
#include "core/quotable.hpp"

namespace penstock {

/// Decimal digits, as ids stand in JSON and on the command line.
template <class Tag>
[[nodiscard]] std::string to_string(strong_id<Tag> id) {
  return std::to_string(id.value);
}

/// A positive decimal number of at most 63 bits with no sign, blank or leading zero; else `invalid_argument`.
[[nodiscard]] inline result<std::int64_t> parse_id_value(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size() || value <= 0 || text.front() == '0')
    return failure(error_code::invalid_argument,
                   "'" + quotable(text, 40) + "' is not an id: give a positive whole number");
  return value;
}

/// `parse_id<job_id>("123")`.
template <class Id>
[[nodiscard]] result<Id> parse_id(std::string_view text) {
  return parse_id_value(text).map([](std::int64_t value) { return Id{value}; });
}

} // namespace penstock
