#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock::net {

/// Names and values, decoded, in the order in which they stand.
using query_parameters = std::vector<std::pair<std::string, std::string>>;

/// `parse_query` reads no more parameters than this.
inline constexpr std::size_t max_query_parameters = 1000;

/// Percent-encodes everything but the unreserved characters of RFC 3986 (letters, digits, `-._~`).
[[nodiscard]] std::string percent_encode(std::string_view text);

/// Decodes `%41`; nothing for a `%` that two hexadecimal digits do not follow.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

/// `a=1&b=x%20y`, without '?'.
[[nodiscard]] std::string build_query(const query_parameters& parameters);

/// Splits a query string or form body. '+' is a space, "a" means "a=", empty parts are skipped, broken percent
/// signs stay as they are (WHATWG URL, application/x-www-form-urlencoded parsing).
[[nodiscard]] query_parameters parse_query(std::string_view query);

/// application/x-www-form-urlencoded as browsers write it: a space is '+', `*-._` stay.
[[nodiscard]] std::string form_encode(const query_parameters& parameters);

/// The first value of a name.
[[nodiscard]] std::optional<std::string_view> find_parameter(const query_parameters& parameters, std::string_view name);

} // namespace penstock::net
