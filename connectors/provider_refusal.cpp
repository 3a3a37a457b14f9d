#include "connectors/provider_refusal.hpp"

#include <algorithm>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "net/provider_status.hpp"

namespace penstock::connectors {
namespace {

/// Lower-case words with dots and underscores, as providers write codes. Tokens have digits or capitals or are longer.
bool looks_like_code(std::string_view text) {
  constexpr std::size_t longest = 80;
  return !text.empty() && text.size() <= longest && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || c == '.' || c == '_';
  });
}

std::string code_of(const std::string& body) {
  constexpr std::size_t largest_refusal = 64 * 1024;
  if (body.size() > largest_refusal)
    return {};
  boost::system::error_code broken;
  const auto parsed = boost::json::parse(body, broken);
  const auto* object = broken ? nullptr : parsed.if_object();
  for (const auto* key : {"code", "error"}) {
    const auto* found = object ? object->if_contains(key) : nullptr;
    const auto* text = found ? found->if_string() : nullptr;
    if (text && looks_like_code(*text))
      return std::string(*text);
  }
  return {};
}

std::string_view meaning(error_code code) {
  switch (code) {
    case error_code::rate_limited: return "too many requests";
    case error_code::provider_unavailable: return "the provider has a problem of its own";
    case error_code::requires_reauth: return "the token was refused: authorise the integration again";
    case error_code::forbidden: return "the provider does not allow it";
    case error_code::not_found: return "the provider does not know it";
    case error_code::timed_out: return "the provider took too long";
    case error_code::invalid_argument: return "the provider refused the request";
    default: return "not an answer to this request";
  }
}

} // namespace

provider_refusal read_refusal(const net::http_response& response) { return {response.status, code_of(response.body)}; }

error refusal_error(const net::http_response& response, std::string_view what, timestamp now) {
  const auto refusal = read_refusal(response);
  error problem;
  // A 304 answers a conditional request, and we send none.
  problem.code = net::code_of_status(refusal.status).value_or(error_code::unexpected_shape);
  const std::string_view why = net::is_redirect(refusal.status)
                     ? "redirects are not followed, configure the address that the provider moved to"
                     : meaning(problem.code);
  problem.message = std::string(what) + ": " + std::string(why) + " (HTTP " +
                    std::to_string(refusal.status) + (refusal.code.empty() ? "" : " " + refusal.code) + ")";
  if (problem.code == error_code::rate_limited || problem.code == error_code::provider_unavailable)
    problem.retry_after = response.retry_after(now);
  return problem;
}

result<void> accept(const net::http_response& response, std::string_view what, timestamp now) {
  if (response.status >= 200 && response.status < 300)
    return {};
  return failure(refusal_error(response, what, now));
}

} // namespace penstock::connectors
