#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/monzo/settings.hpp"

namespace penstock::connectors::monzo {

/// Monzo's list of the addresses that it sends to, as far as they are this node's. For one job.
///
/// Errors are those that end the job: what passes, and what needs a person (requires_reauth). What Monzo refuses for good is
/// told in the job's log and is an empty answer: polls find what its webhooks would tell.
class webhook_registry {
public:
  /// All outlive this; `context.webhooks` is set.
  webhook_registry(const monzo_settings& settings, fetch_context& context) : settings_(settings), context_(context) {}

  struct entry {
    std::string id;
    std::string url;         ///< holds a secret
    bool is_current = false; ///< what comes to it is taken as the integration's
  };
  /// Ours of one account; nothing: refused.
  net::asio::awaitable<result<std::optional<std::vector<entry>>>> list(std::string account);
  /// Whether Monzo took it.
  net::asio::awaitable<result<bool>> add(std::string account, std::string url);
  /// One that is not there any more is as good as deleted.
  net::asio::awaitable<result<void>> remove(std::string account, std::string id);

private:
  net::asio::awaitable<result<std::optional<net::http_response>>> ask(net::http_request request, std::string account);

  const monzo_settings& settings_;
  fetch_context& context_;
};

} // namespace penstock::connectors::monzo
