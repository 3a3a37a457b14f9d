#include "node/event_logger.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <spdlog/spdlog.h>

#include "core/failure_field.hpp"
#include "node/event_data.hpp"
#include "node/event_text.hpp"

namespace penstock::node {
namespace {

using spdlog::level::level_enum;

/// Types that are told at all; the others are for those who look for them.
constexpr std::array<std::pair<std::string_view, level_enum>, 14> levels{{
  {"integration.updated", level_enum::info},
  {"integration.failed", level_enum::err},
  {"integration.requires_reauth", level_enum::err},
  {"integration.recovered", level_enum::info},
  {"integration.connected", level_enum::info},
  {"records.rejected", level_enum::warn},
  {"schedule.missed", level_enum::warn},
  {"job.failed", level_enum::err},
  {"job.cancelled", level_enum::info},
  {"queue.paused", level_enum::info},
  {"queue.resumed", level_enum::info},
  {"queue.warning", level_enum::warn},
  {"maintenance.began", level_enum::warn},
  {"maintenance.ended", level_enum::warn},
}};

level_enum level_of(const event& value) {
  const auto found =
    std::find_if(levels.begin(), levels.end(), [&](const auto& each) { return each.first == value.type; });
  if (found == levels.end())
    return level_enum::debug;
  const auto data = data_of(value);
  if (is_echo_of_a_sync(value, data) || is_repeated_failure(value, data))
    return level_enum::debug;
  if (value.type == "integration.updated" && text_of(data, "state") != "completed")
    return level_enum::warn;
  if (value.type == "queue.warning" && text_of(data, "state") == "recovered")
    return level_enum::info;
  return found->second;
}

} // namespace

log_line log_line_of(const event& value) {
  const auto level = level_of(value);
  auto text = text_of(value);
  if (level == level_enum::debug)
    text = value.type + " " + text;
  return {level, std::move(text)};
}

bool event_logger::offer(const std::shared_ptr<const event>& value) {
  const auto line = log_line_of(*value);
  if (line.level == level_enum::err)
    spdlog::log(spdlog::source_loc{failure_field, 1, failure_permanent}, line.level, "{}", line.text);
  else
    spdlog::log(line.level, "{}", line.text);
  return true;
}

} // namespace penstock::node
