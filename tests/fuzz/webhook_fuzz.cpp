// What a provider sends beside the body: the path, and the headers of its signature. The first line is the path, the next
// ones are headers, the rest is the body.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "gateway/webhook_target.hpp"
#include "net/url_redaction.hpp"
#include "net/webhook_signature.hpp"

namespace {

using namespace penstock;

std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  return line;
}

void check_path(std::string_view path) {
  const auto target = gateway::parse_webhook_target(path);
  const auto shown = net::redact_path(path);
  if (!target)
    return;
  if (target->service.empty())
    std::abort();
  // The secret stands behind the third slash, as it was sent.
  constexpr std::string_view prefix = "/webhooks/";
  const auto mark = path.find('/', prefix.size());
  if (!target->secret.empty() &&
      (mark == std::string_view::npos || shown != std::string(path.substr(0, mark + 1)) + "…"))
    std::abort();
}

/// Whether the delivery is taken; the same however the body is cut.
bool taken(net::webhook_scheme scheme, const net::http_headers& headers, std::string_view key, std::string_view body,
           std::size_t piece) {
  const timestamp now{std::chrono::seconds(1'614'265'330)};
  auto check = net::webhook_check::begin(scheme, headers, key, now);
  if (!check) {
    if (check.error().code != error_code::invalid_argument || check.error().message.empty() ||
        check.error().message.find('\n') != std::string::npos)
      std::abort(); // one line that says what is wrong
    return false;
  }
  for (std::size_t at = 0; at < body.size(); at += piece)
    check->take(body.substr(at, piece));
  return check->fits();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 65'536)
    return 0;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  check_path(take_line(rest));
  net::http_headers headers;
  for (auto line = take_line(rest); !line.empty(); line = take_line(rest)) {
    const auto colon = line.find(':');
    if (colon != std::string_view::npos && headers.size() < 128)
      headers.add(line.substr(0, colon), line.substr(std::min(line.size(), colon + 1)));
  }
  for (const auto scheme : {net::webhook_scheme::github, net::webhook_scheme::stripe, net::webhook_scheme::standard}) {
    const std::string_view key = scheme == net::webhook_scheme::github   ? "It's a Secret to Everybody"
                                 : scheme == net::webhook_scheme::stripe ? "whsec_x"
                                                                         : "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const bool whole = taken(scheme, headers, key, rest, size + 1);
    if (whole != taken(scheme, headers, key, rest, 7))
      std::abort();
    // Nobody guesses a signature: what fits under one key fits under no other.
    if (whole && taken(scheme, headers, "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", rest, size + 1))
      std::abort();
    if (net::webhook_delivery_id(scheme, headers).size() > 256)
      std::abort();
  }
  return 0;
}
