#include "gateway/cors.hpp"

#include <algorithm>

#include "net/problem.hpp"

namespace penstock::gateway {
namespace {

constexpr std::string_view request_fields =
  "Authorization, Content-Type, Idempotency-Key, If-Match, Last-Event-ID, X-Request-Id";
constexpr std::string_view reply_fields = "ETag, Idempotency-Replayed, Location, RateLimit-Limit, RateLimit-Remaining, "
                                          "RateLimit-Reset, Retry-After, X-Request-Id";
constexpr std::string_view preflight_age = "600"; // seconds

} // namespace

cors_policy::cors_policy(std::vector<std::string> origins) : origins_(std::move(origins)) {
  any_ = std::find(origins_.begin(), origins_.end(), "*") != origins_.end();
  for (auto& each : origins_)
    std::transform(each.begin(), each.end(), each.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
}

bool cors_policy::allows(std::string_view origin) const noexcept {
  return any_ || std::find(origins_.begin(), origins_.end(), origin) != origins_.end();
}

std::optional<net::http_reply> cors_policy::preflight(const net::http_server_request& request,
                                                      std::string_view methods) const {
  const auto origin = request.headers.find("Origin");
  if (!enabled() || request.method != "OPTIONS" || !origin || methods.empty() ||
      !request.headers.contains("Access-Control-Request-Method"))
    return std::nullopt;
  if (!allows(*origin))
    return net::problem_reply({.status = 403,
                               .code = "origin_not_allowed",
                               .detail = "pages of this origin may not use this node: see http.cors_origins"});
  net::http_reply reply;
  reply.status = 204;
  reply.headers.add("Access-Control-Allow-Methods", methods);
  reply.headers.add("Access-Control-Allow-Headers", request_fields);
  reply.headers.add("Access-Control-Max-Age", preflight_age);
  return reply;
}

void cors_policy::complete(const net::http_headers& of_request, net::http_reply& reply) const {
  if (!enabled())
    return;
  if (!any_)
    reply.headers.add("Vary", "Origin"); // also where none was sent: another's answer may be another
  const auto origin = of_request.find("Origin");
  if (!origin || !allows(*origin))
    return;
  reply.headers.add("Access-Control-Allow-Origin", any_ ? std::string_view("*") : *origin);
  reply.headers.add("Access-Control-Expose-Headers", reply_fields);
}

} // namespace penstock::gateway
