#pragma once

#include <string>
#include <string_view>

#include "connectors/connector.hpp"

namespace penstock::connectors::testing {

/// Addresses of a node that anybody can reach: "https://node.example/webhooks/SERVICE/hook-SECRET-1", then -2, and so on.
/// The secret's "hash" is its text backwards: no test needs more, and it is no secret.
class scripted_webhooks : public webhook_addresses {
public:
  explicit scripted_webhooks(std::string service) : service_(std::move(service)) {}

  result<fresh_address> make() override {
    if (!reachable)
      return failure(error_code::bad_configuration, "nobody reaches this node: set http.public_url");
    const auto secret = "hook-SECRET-" + std::to_string(++made);
    fresh_address fresh;
    fresh.url = url_of(secret);
    fresh.change.integration = integration;
    fresh.change.hash = std::string(secret.rbegin(), secret.rend());
    return fresh;
  }
  bool is_ours(std::string_view url) const override { return url.starts_with(url_of("")); }
  net::asio::awaitable<result<bool>> is_current(std::string url) override {
    if (url == anothers)
      co_return failure(error_code::conflict, "another integration's");
    const auto secret = is_ours(url) ? url.substr(url_of("").size()) : std::string();
    co_return !secret.empty() && std::string(secret.rbegin(), secret.rend()) == committed;
  }

  [[nodiscard]] std::string url_of(const std::string& secret) const {
    return node + "/webhooks/" + service_ + "/" + secret;
  }

  std::string node = "https://node.example";
  integration_id integration{};
  bool reachable = true;
  int made = 0;
  std::string anothers;  ///< the address of another integration
  std::string committed; ///< the hash of the secret that is good; run_driver writes it

private:
  const std::string service_;
};

} // namespace penstock::connectors::testing
