#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "node/commands/session.hpp"

namespace penstock::node {

/// Reads what the node answered, for people. A member that is missing or null is empty text.
[[nodiscard]] std::string shown(const boost::json::value& of, std::string_view name);
/// A member of a member: shown_in(queue, "counts", "waiting").
[[nodiscard]] std::string shown_in(const boost::json::value& of, std::string_view name, std::string_view inner);
/// An RFC 3339 time without its fraction: "2026-03-08 03:00:00Z".
[[nodiscard]] std::string shown_time(const boost::json::value& of, std::string_view name);
/// Milliseconds as "1.5s", "3m12s".
[[nodiscard]] std::string shown_duration(const boost::json::value& of, std::string_view name);
[[nodiscard]] std::string shown_milliseconds(std::int64_t ms);

/// The list `items` of an answer; empty where there is none.
[[nodiscard]] const boost::json::array& items_of(const boost::json::value& answer);
/// The member of an object; a null value where it is missing.
[[nodiscard]] const boost::json::value& member_of(const boost::json::value& of, std::string_view name);

/// Prints a body as it came, with --json.
void print_body(session& with, const std::string& body);

} // namespace penstock::node
