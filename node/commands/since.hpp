#pragma once

#include <string>

#include <tl/expected.hpp>

#include "core/time.hpp"
#include "node/commands/command.hpp"

namespace penstock::node {

/// What --since takes: a moment, or a length of time before `now` ("2026-03-08T00:00:00Z", "1h"). RFC 3339.
[[nodiscard]] tl::expected<std::string, command_failure> since_of(const std::string& text, timestamp now);

} // namespace penstock::node
