#include "gateway/api_error.hpp"

#include <algorithm>
#include <string>

#include "net/problem.hpp"

namespace penstock::gateway {
namespace {

/// Named to callers who are told to come back and where nobody said when.
constexpr auto usual_wait = std::chrono::seconds(1);
/// Nobody frees a disk within a second.
constexpr auto wait_for_space = std::chrono::seconds(30);

} // namespace

int status_of(error_code code) noexcept {
  switch (code) {
    case error_code::invalid_argument: return 400;
    case error_code::bad_configuration: return 422;
    case error_code::not_found: return 404;
    case error_code::conflict:
    case error_code::requires_reauth:
    case error_code::cancelled: return 409;
    case error_code::precondition_failed: return 412;
    case error_code::key_reused: return 422;
    case error_code::rate_limited: return 429;
    case error_code::unavailable:
    case error_code::storage_busy:
    case error_code::storage_full: return 503;
    case error_code::timed_out: return 504;
    // What a provider did to us while it was asked on behalf of the caller.
    case error_code::network:
    case error_code::provider_unavailable:
    case error_code::truncated_body:
    case error_code::unexpected_shape:
    case error_code::forbidden: return 502;
    case error_code::none:
    case error_code::storage_failed:
    case error_code::crashed:
    case error_code::internal:
    case error_code::code_count: break;
  }
  return 500;
}

net::http_reply error_reply(const error& what) {
  const int status = status_of(what.code);
  auto reply = net::problem_reply({.status = status, .code = to_string(what.code), .detail = what.message});
  if (status == 429 || status == 503) {
    const duration wait =
      what.retry_after.value_or(what.code == error_code::storage_full ? wait_for_space : usual_wait);
    const auto seconds = std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(wait).count());
    reply.headers.add("Retry-After", std::to_string(seconds));
  }
  return reply;
}

} // namespace penstock::gateway
