#include "node/commands/since.hpp"

#include "core/duration_text.hpp"
#include "core/rfc3339.hpp"

namespace penstock::node {

tl::expected<std::string, command_failure> since_of(const std::string& text, timestamp now) {
  if (const auto moment = parse_rfc3339(text))
    return format_rfc3339(*moment);
  if (const auto length = parse_duration(text))
    return format_rfc3339(now - *length);
  return give_up(exit_status::wrong_usage,
                 "--since takes a moment such as 2026-03-08T00:00:00Z or a length of time such as 1h, not '" + text +
                   "'");
}

} // namespace penstock::node
