#include "gateway/webhook_target.hpp"

#include "net/query.hpp"

namespace penstock::gateway {

std::optional<webhook_target> parse_webhook_target(std::string_view path) {
  constexpr std::string_view prefix = "/webhooks/";
  if (!path.starts_with(prefix))
    return std::nullopt;
  path.remove_prefix(prefix.size());
  const auto end = path.find('/');
  auto service = net::percent_decode(path.substr(0, end));
  if (!service || service->empty())
    return std::nullopt;
  webhook_target found{std::move(*service), {}};
  if (end == std::string_view::npos)
    return found;
  auto secret = net::percent_decode(path.substr(end + 1));
  if (!secret || secret->empty() || path.find('/', end + 1) != std::string_view::npos)
    return std::nullopt;
  found.secret = std::move(*secret);
  return found;
}

} // namespace penstock::gateway
