#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "gateway/cors.hpp"
#include "gateway/forwarded.hpp"
#include "gateway/request_limits.hpp"
#include "net/http_handler.hpp"

namespace penstock::gateway {

/// What holds for every request, whatever its route is.
struct edge_rules {
  trusted_proxies proxies{};
  cors_policy cors{};
  std::shared_ptr<request_limits> limits{}; ///< null: none, neither of requests nor of refused tokens
};

/// 429 with Retry-After (RFC 6585, 4).
[[nodiscard]] net::http_reply too_many_requests(duration retry_after, std::string_view detail);

/// Adds what every reply has: `X-Request-Id`, and the id in a problem document too; `RateLimit-*` where there is a limit
/// (draft-ietf-httpapi-ratelimit-headers-06); what pages of other origins may read.
void complete_reply(const edge_rules& rules, const net::http_headers& of_request, std::string_view request_id,
                    const std::optional<limit_standing>& standing, net::http_reply& reply);

} // namespace penstock::gateway
