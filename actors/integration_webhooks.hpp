#pragma once

#include <string>

#include "connectors/connector.hpp"
#include "messages/actors/store.hpp"

namespace penstock::actors {

/// The addresses at which webhooks of one integration are taken, for its fetch jobs.
class integration_webhooks : public connectors::webhook_addresses {
public:
  /// `node`: what addresses begin with; empty: nobody outside knows how to reach this node.
  integration_webhooks(std::string node, std::string service, integration_id integration, store_reader_actor reader);

  [[nodiscard]] result<fresh_address> make() override;
  [[nodiscard]] bool is_ours(std::string_view url) const override;
  /// conflict: it is good, and another integration's: of the same account, where several people share it.
  net::asio::awaitable<result<bool>> is_current(std::string url) override;

private:
  const std::string node_, service_;
  const integration_id integration_;
  const store_reader_actor reader_;
};

} // namespace penstock::actors
