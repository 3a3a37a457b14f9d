#include "net/provider_status.hpp"

#include "net/message_writer.hpp"
#include "net/url.hpp"

namespace penstock::net {

std::optional<error_code> code_of_status(int status) noexcept {
  if ((status >= 200 && status < 300) || status == 304)
    return std::nullopt;
  switch (status) {
    case 401: return error_code::requires_reauth;
    case 403: return error_code::forbidden;
    case 404:
    case 410: return error_code::not_found;
    case 408:
    case 425: return error_code::timed_out;
    case 429: return error_code::rate_limited;
    default: break;
  }
  if (status >= 500 && status < 600)
    return error_code::provider_unavailable;
  return status >= 300 && status < 500 ? error_code::invalid_argument : error_code::unexpected_shape;
}

bool is_redirect(int status) noexcept { return status >= 300 && status < 400 && status != 304; }

std::optional<error> provider_error(const http_request& request, const http_response& response, timestamp now) {
  const auto code = code_of_status(response.status);
  if (!code)
    return std::nullopt;
  const auto target = parse_url(request.url);
  std::string message = request.method + ' ' + (target ? target->origin() + target->path : "(unreadable URL)") +
                        " was answered " + std::to_string(response.status);
  if (const auto phrase = reason_phrase(response.status); !phrase.empty())
    message.append(" ").append(phrase);
  if (is_redirect(response.status))
    message.append("; redirects are not followed, configure the address that it moved to");
  return error{*code, std::move(message), response.retry_after(now)};
}

} // namespace penstock::net
