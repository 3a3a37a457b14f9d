#include "core/rate_text.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "core/duration_text.hpp"

namespace penstock {

result<token_rate> parse_rate(std::string_view text) {
  const auto wrong = [] {
    return failure(error_code::invalid_argument, "a rate is written as 10/s, 600/m or 100/30s");
  };
  const auto slash = text.find('/');
  if (slash == std::string_view::npos)
    return wrong();
  token_rate rate;
  const auto* const end = text.data() + slash;
  if (const auto [stopped, problem] = std::from_chars(text.data(), end, rate.refill);
      problem != std::errc{} || stopped != end)
    return wrong();
  std::string interval(text.substr(slash + 1));
  if (interval.empty())
    return wrong();
  if (std::isdigit(static_cast<unsigned char>(interval.front())) == 0)
    interval.insert(interval.begin(), '1');
  const auto length = parse_duration(interval);
  if (!length)
    return wrong();
  rate.interval = *length;
  constexpr duration burst = std::chrono::milliseconds(100);
  if (rate.refill < 1 || rate.interval <= duration::zero())
    return wrong();
  if (auto fits = validate(rate); !fits)
    return failure(error_code::invalid_argument, fits.error().message);
  rate.capacity = std::clamp<std::int64_t>(rate.refill * burst.count() / rate.interval.count(), 1, rate.refill);
  // Who comes a little late must be able to make up for it, or each start would lose some of the next one's time.
  if (rate.capacity == 1 && rate.interval / rate.refill <= std::chrono::seconds(1))
    rate.capacity = std::min<std::int64_t>(2, rate.refill);
  return rate;
}

std::string format_rate(const token_rate& rate) {
  auto interval = format_duration(rate.interval);
  if (interval.size() == 2 && interval.front() == '1')
    interval.erase(interval.begin());
  return std::to_string(rate.refill) + "/" + interval;
}

} // namespace penstock
