#include "core/duration_text.hpp"

#include <array>
#include <charconv>
#include <cstdint>

#include "core/quotable.hpp"

namespace penstock {
namespace {

struct unit {
  std::string_view name;
  std::int64_t micros;
};

// From large to small: the order in which a text must name them.
constexpr std::array units{
  unit{"w", 7LL * 86'400'000'000},
  unit{"d", 86'400'000'000},
  unit{"h", 3'600'000'000},
  unit{"m", 60'000'000},
  unit{"s", 1'000'000},
  unit{"ms", 1'000},
  unit{"us", 1},
};
constexpr std::size_t first_formatted = 1; // weeks are read, not written: "7d" is plainer than "1w"
constexpr std::int64_t longest = 36'500LL * 86'400'000'000;

tl::unexpected<error> refuse(std::string_view text, std::string_view why) {
  return failure(error_code::invalid_argument, "'" + quotable(text, 40) + "' is not a duration: " + std::string{why} +
                                                 " (write it like 30s, 250ms, 7d or 1h30m)");
}

} // namespace

result<duration> parse_duration(std::string_view text) {
  if (text.empty())
    return refuse(text, "it is empty");
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  for (std::string_view rest = text; !rest.empty();) {
    if (rest.front() < '0' || rest.front() > '9')
      return refuse(text, "a whole number is expected before each unit");
    std::int64_t count = 0;
    const auto [end, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), count);
    if (problem != std::errc{})
      return refuse(text, "its number is too large");
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    const auto name = rest.substr(0, rest.find_first_not_of("wdhmsu"));
    if (name.empty())
      return refuse(text, "a number has no unit of w, d, h, m, s, ms, us");
    while (next_unit < units.size() && units[next_unit].name != name)
      ++next_unit;
    if (next_unit == units.size())
      return refuse(text, "units are w, d, h, m, s, ms, us, each once, from large to small");
    const std::int64_t size = units[next_unit++].micros;
    if (count > (longest - total) / size)
      return refuse(text, "it is longer than 36500 days");
    total += count * size;
    rest.remove_prefix(name.size());
  }
  return duration{total};
}

std::string format_duration(duration length) {
  // The magnitude is unsigned, so that the smallest duration has one too.
  const bool negative = length.count() < 0;
  auto left = static_cast<std::uint64_t>(length.count());
  if (negative)
    left = 0 - left;
  if (left == 0)
    return "0s";
  std::string text = negative ? "-" : "";
  for (std::size_t i = first_formatted; i < units.size(); ++i) {
    const auto size = static_cast<std::uint64_t>(units[i].micros);
    if (left >= size) {
      text += std::to_string(left / size);
      text += units[i].name;
      left %= size;
    }
  }
  return text;
}

} // namespace penstock
