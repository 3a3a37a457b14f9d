#include "net/http_message.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "net/http_date.hpp"

namespace penstock::net {

bool http_request::is_idempotent() const noexcept {
  static constexpr std::array<std::string_view, 6> methods{"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"};
  return idempotent.value_or(std::find(methods.begin(), methods.end(), method) != methods.end());
}

namespace {

constexpr duration longest_retry_after = std::chrono::hours{24};

} // namespace

std::optional<duration> http_response::retry_after(timestamp now) const {
  const auto text = headers.find("Retry-After");
  if (!text)
    return std::nullopt;
  std::uint32_t seconds = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (error == std::errc{} && end == text->data() + text->size())
    return std::min<duration>(std::chrono::seconds(seconds), longest_retry_after);
  const auto moment = parse_http_date(*text, now);
  if (!moment)
    return std::nullopt;
  return std::clamp<duration>(*moment - now, duration::zero(), longest_retry_after);
}

} // namespace penstock::net
