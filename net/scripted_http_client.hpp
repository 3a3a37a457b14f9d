#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/http_client.hpp"
#include "net/sleeper.hpp"

namespace penstock::net {

/// A client for tests: answers requests from a script, in order, and remembers them. Thread-safe.
/// A request that is not the next expected one fails with `internal` and is listed as unexpected.
class scripted_http_client : public http_client {
public:
  /// One expected request and what it gets.
  struct expectation {
    std::string method{};
    /// An absolute URL, compared whole; or what begins with '/', compared with the path, and with the query if it has
    /// one of its own. Empty: any.
    std::string where{};
    result<http_response> answer{};
    duration delay{0};                                  ///< slept on the given sleeper before answering
    std::function<bool(const http_request&)> matches{}; ///< further demands
    int times = 1;                                      ///< 0: any number of times, and not missed if never
  };

  /// `delays` sleeps for expectations with a delay; without one they answer at once.
  explicit scripted_http_client(std::shared_ptr<sleeper> delays = nullptr);

  scripted_http_client& expect(expectation next);
  /// Shorthands.
  scripted_http_client& reply(std::string method, std::string where, int status, std::string body,
                              http_headers headers = {});
  scripted_http_client& fail(std::string method, std::string where, error_code code, std::string message = "scripted");

  [[nodiscard]] asio::awaitable<result<http_response>> send(http_request request) override;

  [[nodiscard]] std::vector<http_request> requests() const;
  /// "GET https://…" of each request that nobody expected.
  [[nodiscard]] std::vector<std::string> unexpected() const;
  /// Expectations that were not used up.
  [[nodiscard]] std::size_t outstanding() const;
  /// All that was expected came, and nothing else.
  [[nodiscard]] bool done() const { return unexpected().empty() && outstanding() == 0; }

private:
  [[nodiscard]] expectation next_for(const http_request& request);

  std::shared_ptr<sleeper> delays_;
  mutable std::mutex mutex_;
  std::deque<expectation> script_;
  std::vector<http_request> requests_;
  std::vector<std::string> unexpected_;
};

} // namespace penstock::net
