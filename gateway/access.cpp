#include "gateway/access.hpp"

#include <stdexcept>

#include <openssl/crypto.h>
#include <openssl/evp.h>

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
  return request.is_loopback && !request.headers.contains("X-Forwarded-For") && !request.headers.contains("Forwarded");
}

} // namespace

token_hash hash_token(std::string_view token) {
  token_hash digest{};
  if (EVP_Digest(token.data(), token.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("OpenSSL has no SHA-256");
  return digest;
}

std::optional<access_level> access_policy::granted(const net::http_server_request& request) const {
  const auto token = bearer_of(request);
  if (token.empty())
    return std::nullopt;
  const auto hash = hash_token(token);
  if (CRYPTO_memcmp(hash.data(), admin_.data(), hash.size()) != 0)
    return std::nullopt;
  return access_level::admin;
}

std::optional<net::http_reply> access_policy::refuse(access_level needs,
                                                     const net::http_server_request& request) const {
  if (needs == access_level::anybody || (needs == access_level::loopback && is_from_this_machine(request)))
    return std::nullopt;
  if (const auto level = granted(request); level && *level >= needs)
    return std::nullopt;
  const bool has_token = request.headers.contains("Authorization");
  auto reply = net::problem_reply(
    {.status = 401,
     .code = has_token ? "invalid_token" : "token_required",
     .detail = has_token ? "this token is not known: the admin token stands in admin.token in the node's data directory"
                         : "send a token: Authorization: Bearer TOKEN"});
  reply.headers.add("WWW-Authenticate",
                    has_token ? R"(Bearer realm="penstock", error="invalid_token")" : R"(Bearer realm="penstock")");
  return reply;
}

} // namespace penstock::gateway
