#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "net/http_client.hpp"

namespace penstock::connectors::testing {

/// Answers one request.
using answer_function = std::function<result<net::http_response>(const net::http_request&)>;
/// Answers one request instead of a healthy provider, whose answer it may ask for.
using disturbance = std::function<result<net::http_response>(const net::http_request&, const answer_function& healthy)>;

/// A provider in memory: answers by a function, remembers requests, and misbehaves where told.
class provider_stand_in : public net::http_client {
public:
  explicit provider_stand_in(answer_function healthy) : healthy_(std::move(healthy)) {}

  /// Requests `first` (from 1) to `last` get another answer.
  void disturb(std::size_t first, std::size_t last, disturbance instead) {
    first_ = first, last_ = last, instead_ = std::move(instead);
  }

  net::asio::awaitable<result<net::http_response>> send(net::http_request request) override {
    requests_.push_back(request);
    const auto number = requests_.size();
    if (instead_ && number >= first_ && number <= last_)
      co_return instead_(request, healthy_);
    co_return healthy_(request);
  }

  [[nodiscard]] const std::vector<net::http_request>& requests() const noexcept { return requests_; }

private:
  answer_function healthy_;
  std::size_t first_ = 0, last_ = 0;
  disturbance instead_;
  std::vector<net::http_request> requests_;
};

[[nodiscard]] inline net::http_response answer(int status, std::string body, net::http_headers headers = {}) {
  return {.status = status, .headers = std::move(headers), .body = std::move(body)};
}

} // namespace penstock::connectors::testing
