#include "gateway/edge_rules.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "net/problem.hpp"

namespace penstock::gateway {
namespace {

std::int64_t whole_seconds(duration length) { return std::chrono::ceil<std::chrono::seconds>(length).count(); }

void add_number(net::http_headers& headers, std::string_view name, std::int64_t number) {
  std::array<char, 24> digits{};
  const auto* end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  headers.add(name, {digits.data(), static_cast<std::size_t>(end - digits.data())});
}

/// Request ids are made of harmless characters: they need no escaping.
void put_id_into(net::http_reply& problem, std::string_view request_id) {
  if (problem.body.ends_with('}') && problem.headers.value_or("Content-Type", {}) == "application/problem+json")
    problem.body.replace(problem.body.size() - 1, 1, R"(,"request_id":")" + std::string(request_id) + "\"}");
}

} // namespace

net::http_reply too_many_requests(duration retry_after, std::string_view detail) {
  auto reply = net::problem_reply({.status = 429, .code = "too_many_requests", .detail = detail});
  add_number(reply.headers, "Retry-After", std::max<std::int64_t>(whole_seconds(retry_after), 1));
  return reply;
}

void complete_reply(const edge_rules& rules, const net::http_headers& of_request, std::string_view request_id,
                    const std::optional<limit_standing>& standing, net::http_reply& reply) {
  reply.headers.set("X-Request-Id", request_id);
  if (reply.status >= 400)
    put_id_into(reply, request_id);
  if (standing) {
    add_number(reply.headers, "RateLimit-Limit", standing->limit);
    add_number(reply.headers, "RateLimit-Remaining", standing->remaining);
    add_number(reply.headers, "RateLimit-Reset", whole_seconds(standing->until_full));
  }
  rules.cors.complete(of_request, reply);
}

} // namespace penstock::gateway
