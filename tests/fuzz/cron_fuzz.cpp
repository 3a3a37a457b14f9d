// Cron expressions and intervals, as people write them: the zone and the moment come with the text.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/schedule_rule.hpp"

namespace {

constexpr std::string_view zones[] = {"UTC",          "America/New_York", "Australia/Lord_Howe", "Europe/Berlin",
                                      "Africa/Cairo", "Asia/Kathmandu",   "America/Santiago",    "Pacific/Apia"};

/// Stops the fuzzer: what was found breaks a rule that every expression keeps.
void must(bool holds) {
  if (!holds)
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace penstock;
  if (size < 2 || size > 4096)
    return 0;
  const auto zone = zones[data[0] % std::size(zones)];
  // From 1990 on in steps of some weeks, to 2030.
  const timestamp from{duration{631'152'000'000'000 + static_cast<std::int64_t>(data[1]) * 4'950'000'000'000}};
  const std::string_view text{reinterpret_cast<const char*>(data) + 2, size - 2};

  const auto rule = schedule_rule::parse(text, zone);
  if (!rule) {
    must(rule.error().code == error_code::invalid_argument && !rule.error().message.empty());
    return 0;
  }
  const auto again = schedule_rule::parse(rule->text(), zone);
  must(again && again->text() == rule->text());
  auto last = from;
  for (int i = 0; i < 5; ++i) {
    const auto next = rule->next(last);
    if (!next)
      break;
    must(*next > last);
    must(again->next(last) == next);
    const auto back = rule->last_in(last, *next);
    must(back && *back == *next);
    last = *next;
  }
  return 0;
}
