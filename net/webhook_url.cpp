#include "net/webhook_url.hpp"

#include "net/pkce.hpp"
#include "net/query.hpp"
#include "net/url.hpp"

namespace penstock::net {

std::string make_webhook_secret() { return make_pkce_verifier(); }

std::string webhook_url(std::string_view node, std::string_view service, std::string_view secret) {
  auto url = std::string(node) + "/webhooks/" + std::string(service);
  if (!secret.empty())
    url.append("/").append(secret);
  return url;
}

std::optional<std::string> webhook_secret_in(std::string_view url, std::string_view node, std::string_view service) {
  const auto given = parse_url(url), ours = parse_url(webhook_url(node, service) + "/");
  if (!given || !ours || given->scheme != ours->scheme || given->host != ours->host ||
      given->effective_port() != ours->effective_port() || !given->path.starts_with(ours->path) || given->has_query)
    return std::nullopt;
  auto secret = percent_decode(std::string_view(given->path).substr(ours->path.size()));
  if (!secret || secret->empty() || secret->find('/') != std::string::npos)
    return std::nullopt;
  return std::move(*secret);
}

} // namespace penstock::net
