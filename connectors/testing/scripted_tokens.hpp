#pragma once

#include <string>
#include <vector>

#include "connectors/connector.hpp"

namespace penstock::connectors::testing {

/// Tokens of one connection: "token-SECRET-1" until it is replaced by "token-SECRET-2", and so on.
class scripted_tokens : public token_source {
public:
  net::asio::awaitable<result<std::string>> access_token() override { co_return current(); }

  net::asio::awaitable<result<std::string>> replace(std::string rejected) override {
    rejected_.push_back(std::move(rejected));
    if (revoked)
      co_return failure(error_code::requires_reauth, "the refresh token was refused: authorise the integration again");
    ++number_;
    co_return current();
  }

  [[nodiscard]] std::string current() const { return "token-SECRET-" + std::to_string(number_); }
  /// What was given to `replace`, in order.
  [[nodiscard]] const std::vector<std::string>& rejected() const { return rejected_; }

  /// No token can be refreshed any more.
  bool revoked = false;

private:
  int number_ = 1;
  std::vector<std::string> rejected_;
};

} // namespace penstock::connectors::testing
