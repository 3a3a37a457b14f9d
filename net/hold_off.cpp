#include "net/hold_off.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

namespace penstock::net {
namespace {

constexpr duration unnamed = std::chrono::seconds{5};
constexpr duration longest = std::chrono::hours{24};
/// A larger number of seconds is a Unix time.
constexpr std::int64_t first_moment = 1'000'000'000;

std::optional<std::int64_t> number_in(const http_response& answer, std::string_view name) {
  const auto text = answer.headers.find(name);
  if (!text)
    return std::nullopt;
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (problem != std::errc{} || value < 0)
    return std::nullopt;
  return value;
}

std::optional<duration> until_reset(const http_response& answer, timestamp now, std::string_view name) {
  const auto reset = number_in(answer, name);
  if (!reset)
    return std::nullopt;
  if (*reset < first_moment)
    return std::chrono::seconds{*reset};
  return std::max(duration::zero(), timestamp{std::chrono::seconds{std::min(*reset, 10 * first_moment)}} - now);
}

std::optional<duration> reset_of(const http_response& answer, timestamp now) {
  for (const auto* name : {"RateLimit-Reset", "X-RateLimit-Reset"})
    if (auto wait = until_reset(answer, now, name))
      return wait;
  return std::nullopt;
}

bool nothing_is_left(const http_response& answer) {
  for (const auto* name : {"RateLimit-Remaining", "X-RateLimit-Remaining"})
    if (const auto left = number_in(answer, name))
      return *left == 0;
  return false;
}

std::optional<duration> wished(const http_response& answer, timestamp now) {
  constexpr int too_many_requests = 429, unavailable = 503;
  if (answer.status == too_many_requests) {
    const auto named = answer.retry_after(now);
    return named ? named : reset_of(answer, now).value_or(unnamed);
  }
  if (answer.status == unavailable)
    return answer.retry_after(now);
  return nothing_is_left(answer) ? reset_of(answer, now) : std::nullopt;
}

} // namespace

std::optional<duration> hold_off_of(const http_response& answer, timestamp now) {
  const auto wait = wished(answer, now);
  if (!wait || *wait <= duration::zero())
    return std::nullopt;
  return std::min(*wait, longest);
}

} // namespace penstock::net
