#pragma once

#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "messages/event.hpp"

namespace penstock::node {

/// What an event says, as an object; empty if it cannot be read.
[[nodiscard]] boost::json::object data_of(const event& value);

/// A member as text, "" without one; `within` leads through one object: ("added", "rows").
[[nodiscard]] std::string text_of(const boost::json::object& data, std::string_view name, std::string_view within = {});

/// The root job of a sync that failed because what it awaited did: those jobs, and the integration, tell of it.
[[nodiscard]] bool is_echo_of_a_sync(const event& value, const boost::json::object& data);

/// A stream that failed in the run before as well, of the same error: that was told.
[[nodiscard]] bool is_repeated_failure(const event& value, const boost::json::object& data);

} // namespace penstock::node
