#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/monzo/settings.hpp"

namespace penstock::connectors::monzo {

/// Monzo's list of the addresses that it sends to, as far as they are this node's. For one job.
///
/// Errors are those that end the job: what has nothing to do with webhooks, such as a token that needs a person
/// (requires_reauth). What Monzo refuses, and that it is out of order, is told in the job's log and is an empty answer: polls
/// find what its webhooks would tell. After an outage nothing more is asked for.
class webhook_registry {
public:
  /// All outlive this; `context.webhooks` is set.
  webhook_registry(const monzo_settings& settings, fetch_context& context) : settings_(settings), context_(context) {}

  struct entry {
    std::string id;
    std::string url;         ///< holds a secret
    bool is_current = false; ///< what comes to it is taken as the integration's
  };
  /// Monzo did not answer, or not as it should: what was asked for last may have happened or not.
  [[nodiscard]] bool interrupted() const noexcept { return interrupted_; }

  /// Ours of one account; nothing: refused, or interrupted.
  net::asio::awaitable<result<std::optional<std::vector<entry>>>> list(std::string account);
  /// Whether Monzo took it.
  net::asio::awaitable<result<bool>> add(std::string account, std::string url);
  /// One that is not there any more is as good as deleted.
  net::asio::awaitable<result<void>> remove(std::string account, std::string id);

private:
  /// An answer of any status that is no outage.
  net::asio::awaitable<result<std::optional<net::http_response>>> send(net::http_request request, std::string account);
  /// The wanted answer.
  net::asio::awaitable<result<std::optional<net::http_response>>> ask(net::http_request request, std::string account);
  void interrupt(const error& why, const std::string& account);

  const monzo_settings& settings_;
  fetch_context& context_;
  bool interrupted_ = false;
};

} // namespace penstock::connectors::monzo
