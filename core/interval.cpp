#include "core/interval.hpp"

#include <charconv>

#include "core/quotable.hpp"

namespace penstock {
namespace {

tl::unexpected<error> refuse(std::string_view text, std::string_view why) {
  return failure(error_code::invalid_argument, "interval '" + quotable(text, 40) + "': " + std::string{why} +
                                                 " (write it like 'every 30 s', 'every 5 m', "
                                                 "'every 1 h')");
}

void skip_blanks(std::string_view& text) {
  const auto start = text.find_first_not_of(' ');
  text.remove_prefix(start == std::string_view::npos ? text.size() : start);
}

} // namespace

result<interval> interval::parse(std::string_view text) {
  constexpr std::string_view keyword = "every ";
  std::string_view rest = text;
  if (!rest.starts_with(keyword))
    return refuse(text, "it does not begin with 'every'");
  rest.remove_prefix(keyword.size());
  skip_blanks(rest);
  std::int64_t count = 0;
  const auto [end, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), count);
  if (problem != std::errc{} || count < 1)
    return refuse(text, "N is a whole number from 1");
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  skip_blanks(rest);
  if (rest != "s" && rest != "m" && rest != "h")
    return refuse(text, "the unit is s, m or h");
  const interval parsed{count, rest.front()};
  constexpr auto longest_seconds = std::chrono::duration_cast<std::chrono::seconds>(longest).count();
  if (count > longest_seconds / parsed.unit_seconds())
    return refuse(text, "it is longer than 366 days");
  return parsed;
}

std::optional<timestamp> interval::next(timestamp after) const noexcept {
  const auto step = length().count();
  const auto since_epoch = after.time_since_epoch().count();
  if (since_epoch > duration::max().count() - step)
    return std::nullopt;
  // Towards minus infinity, also before the epoch.
  auto whole = since_epoch / step;
  if (since_epoch % step < 0)
    --whole;
  return timestamp{duration{(whole + 1) * step}};
}

std::string interval::text() const { return "every " + std::to_string(count_) + " " + unit_; }

} // namespace penstock
