#include "gateway/access.hpp"

#include <string>
#include <string_view>

#include "gateway/session_cookie.hpp"
#include "net/problem.hpp"

namespace penstock::gateway {
namespace {

/// What follows "Bearer ", or nothing. The scheme's name is compared without case (RFC 9110, 11.1).
std::string_view bearer_of(const net::http_server_request& request) {
  constexpr std::string_view scheme = "Bearer ";
  const auto value = request.headers.value_or("Authorization", {});
  if (value.size() <= scheme.size() || !net::equals_ignoring_case(value.substr(0, scheme.size()), scheme))
    return {};
  auto token = value.substr(scheme.size());
  while (token.starts_with(' '))
    token.remove_prefix(1);
  return token;
}

/// A request that a proxy on this machine hands on is somebody else's.
bool is_from_this_machine(const net::http_server_request& request) {
  return request.is_loopback && !request.headers.contains("X-Forwarded-For") &&
         !request.headers.contains("Forwarded") && !request.headers.contains("X-Real-IP") &&
         !request.headers.contains("Via");
}

net::http_reply unauthorised(std::string_view code, std::string_view detail, std::string_view challenge) {
  auto reply = net::problem_reply({.status = 401, .code = code, .detail = detail});
  reply.headers.add("WWW-Authenticate", challenge);
  return reply;
}

net::http_reply without_good_token(const net::http_server_request& request, token_directory::outcome found,
                                   bool by_session) {
  constexpr std::string_view invalid = R"(Bearer realm="penstock", error="invalid_token")";
  if (by_session)
    return unauthorised("session_expired", "the session is over: sign in again", R"(Bearer realm="penstock")");
  if (found == token_directory::outcome::expired)
    return unauthorised("token_expired", "this token has expired: ask an administrator for another", invalid);
  if (request.headers.contains("Authorization"))
    return unauthorised("invalid_token",
                        "this token is not known (any more); the administrator's stands in admin.token in the node's "
                        "data directory",
                        invalid);
  return unauthorised("token_required", "send a token: Authorization: Bearer TOKEN; or sign in",
                      R"(Bearer realm="penstock")");
}

std::optional<net::http_reply> forbid(access_rule needs, const caller& who) {
  if (who.level < needs.level && needs.level != access_level::loopback) {
    const std::string detail = "this needs the role " + std::string(role_name(needs.level)) + ", and the caller has " +
                               std::string(role_name(who.level));
    auto reply = net::problem_reply({.status = 403, .code = "role_too_low", .detail = detail});
    reply.headers.add("WWW-Authenticate", R"(Bearer realm="penstock", error="insufficient_scope")");
    return reply;
  }
  if (who.organisation && !needs.scoped && needs.level > access_level::loopback)
    return net::problem_reply({.status = 403,
                               .code = "bound_to_organisation",
                               .detail = "this concerns the whole node, and the caller is bound to one organisation"});
  return std::nullopt;
}

/// Cookies come along by themselves: of a request that changes something the browser must say that a page of ours sent it.
bool needs_own_page(const net::http_server_request& request) {
  return request.method != "GET" && request.method != "HEAD";
}

net::http_reply foreign_page() {
  return net::problem_reply({.status = 403,
                             .code = "foreign_page",
                             .detail = "a session's cookie changes something only from this node's own pages, by the "
                                       "browser's Sec-Fetch-Site or Origin; programs send a token"});
}

} // namespace

access_policy::admission access_policy::admit(access_rule needs, const net::http_server_request& request) const {
  const bool by_cookie = !request.headers.contains("Authorization");
  const auto token = by_cookie ? session_token_of(request, *public_url_) : bearer_of(request);
  const auto found = token.empty() ? token_directory::finding{} : tokens_->find(token, clock_->now());
  const bool is_known = found.what == token_directory::outcome::known && (!by_cookie || found.who.user);
  const bool needs_none =
    needs.level == access_level::anybody || (needs.level == access_level::loopback && is_from_this_machine(request));
  const bool is_foreign = by_cookie && is_known && needs_own_page(request) && !is_from_own_page(request, *public_url_);
  if (needs_none)
    return {std::nullopt, is_known && !is_foreign ? found.who : caller{}};
  if (!is_known)
    return {without_good_token(request, found.what, by_cookie && !token.empty()), {}};
  if (is_foreign)
    return {foreign_page(), {}};
  return {forbid(needs, found.who), found.who};
}

} // namespace penstock::gateway
