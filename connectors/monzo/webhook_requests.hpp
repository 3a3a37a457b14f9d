#pragma once

#include <string>
#include <vector>

#include "connectors/monzo/settings.hpp"
#include "core/error.hpp"
#include "net/http_message.hpp"

/// Requests about webhooks, and about the one transaction that a webhook tells of.
namespace penstock::connectors::monzo {

/// An address that Monzo sends to, of one account.
struct registered_webhook {
  std::string id;
  std::string url; ///< may hold a secret of ours: never to be logged or stored
};

[[nodiscard]] net::http_request list_webhooks_request(const monzo_settings& settings, const std::string& account);
/// Not to be sent twice by itself: each time Monzo registers one more.
[[nodiscard]] net::http_request register_webhook_request(const monzo_settings& settings, const std::string& account,
                                                         const std::string& url);
[[nodiscard]] net::http_request delete_webhook_request(const monzo_settings& settings, const std::string& id);
/// The merchant expanded. One try of a few seconds: there is another form to go on with.
[[nodiscard]] net::http_request transaction_request(const monzo_settings& settings, const std::string& id);

/// Reads an answer to the first: entries without id or url are left out. truncated_body, unexpected_shape.
[[nodiscard]] result<std::vector<registered_webhook>> read_webhooks(std::string& body);

} // namespace penstock::connectors::monzo
