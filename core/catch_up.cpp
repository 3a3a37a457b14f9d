#include "core/catch_up.hpp"

#include <algorithm>

namespace penstock {

duration default_catch_up_window(const schedule_rule& rule, timestamp firing) {
  return std::min(rule.period_after(firing).value_or(longest_default_catch_up), longest_default_catch_up);
}

std::optional<timestamp> missed_firing(const schedule_rule& rule, timestamp last_fired, timestamp now,
                                       std::optional<duration> window) {
  const auto missed = rule.last_in(last_fired, now);
  if (!missed || now - *missed >= window.value_or(default_catch_up_window(rule, *missed)))
    return std::nullopt;
  return missed;
}

} // namespace penstock
