#include "actors/integration_webhooks.hpp"

#include <utility>

#include <caf/send.hpp>

#include "actors/await_answer.hpp"
#include "net/token_hash.hpp"
#include "net/webhook_url.hpp"
#include "storage/read_session.hpp"

namespace penstock::actors {

integration_webhooks::integration_webhooks(std::string node, std::string service, integration_id integration,
                                           store_reader_actor reader)
    : node_(std::move(node)), service_(std::move(service)), integration_(integration), reader_(std::move(reader)) {}

result<connectors::webhook_addresses::fresh_address> integration_webhooks::make() {
  if (node_.empty())
    return failure(error_code::bad_configuration,
                   "nobody outside knows how to reach this node: set http.public_url to the address at which providers "
                   "find it");
  const auto secret = net::make_webhook_secret();
  fresh_address made;
  made.url = net::webhook_url(node_, service_, secret);
  made.change.integration = integration_;
  made.change.hash = net::to_hex(net::hash_token(secret));
  return made;
}

bool integration_webhooks::is_ours(std::string_view url) const {
  return !node_.empty() && net::webhook_secret_in(url, node_, service_).has_value();
}

net::asio::awaitable<result<bool>> integration_webhooks::is_current(std::string url) {
  const auto secret = node_.empty() ? std::nullopt : net::webhook_secret_in(url, node_, service_);
  if (!secret)
    co_return false;
  const auto hash = net::to_hex(net::hash_token(*secret));
  const auto ask = [this, hash](auto done) {
    caf::anon_send(reader_, read_task{[hash, done](storage::read_session& db) {
                     done(storage::once_durable(db, db.integrations().find_webhook(hash)));
                   }});
  };
  const auto found = co_await await_answer<std::optional<webhook_address>>(ask);
  if (!found)
    co_return failure(found.error());
  if (!*found || (*found)->service != service_)
    co_return false;
  if ((*found)->integration != integration_)
    co_return failure(error_code::conflict, "this address is that of another integration");
  co_return true;
}

} // namespace penstock::actors
