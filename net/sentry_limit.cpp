#include "net/sentry_limit.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

namespace penstock::net {
namespace {

constexpr duration unnamed = std::chrono::seconds{60};
/// What is longer is a mistake, or a quota that may be raised before: asked again once a day.
constexpr duration longest = std::chrono::hours{24};
constexpr int too_many_requests = 429;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  return first == std::string_view::npos ? std::string_view{}
                                         : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Takes what stands before the separator off the front of `rest`.
std::string_view take_until(std::string_view& rest, char separator) {
  const auto end = rest.find(separator);
  const auto part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  return trimmed(part);
}

duration seconds_of(std::string_view text) {
  double seconds = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (wrong != std::errc{} || end != text.data() + text.size() || !(seconds >= 0))
    return unnamed;
  return std::chrono::seconds(
    static_cast<std::int64_t>(std::ceil(std::min(seconds, std::chrono::duration<double>(longest).count()))));
}

bool is_ours(std::string_view categories) {
  if (categories.empty())
    return true; // all of them
  while (!categories.empty())
    if (take_until(categories, ';') == "error")
      return true;
  return false;
}

/// The longest limit of one header field that holds for us; zero: none.
duration limit_in(std::string_view field) {
  duration wait{0};
  while (!field.empty()) {
    auto one = take_until(field, ',');
    const auto length = take_until(one, ':');
    if (length.empty())
      continue;
    if (is_ours(take_until(one, ':')))
      wait = std::max(wait, seconds_of(length));
  }
  return wait;
}

} // namespace

void sentry_limit::note(const http_response& answer, timestamp now) {
  duration wait{0};
  for (const auto field : answer.headers)
    if (equals_ignoring_case(field.name, "X-Sentry-Rate-Limits"))
      wait = std::max(wait, limit_in(field.value));
  if (wait == duration{0} && answer.status == too_many_requests)
    wait = answer.retry_after(now).value_or(unnamed);
  if (wait > duration{0})
    until_ = std::max(until_, now + wait);
}

} // namespace penstock::net
