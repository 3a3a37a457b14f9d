#pragma once

#include "core/random.hpp"
#include "net/exchange_observer.hpp"
#include "net/http_client.hpp"
#include "net/sleeper.hpp"

namespace penstock::net {

/// How a request is repeated within one attempt of a job.
struct request_retry_policy {
  int max_tries = 4; ///< the first included
  duration first_delay = std::chrono::milliseconds(500);
  duration max_delay = std::chrono::seconds(10);
  /// A longer `Retry-After` is not waited for here: the answer goes to the caller, who postpones the job.
  duration max_retry_after = std::chrono::seconds(30);
};

/// Repeats idempotent requests that met trouble which passes: `network`, `timed_out`, `truncated_body`, and the
/// statuses 408, 425, 429 and 5xx. Between two tries it waits `first_delay`, doubled each time up to `max_delay`, of
/// which an even draw takes away up to half; a `Retry-After` up to the limit is waited for if it is longer.
/// What the last try gave is the result, an error or an answer.
/// Must outlive its coroutines. Used from one strand at a time, as its random source may be.
class retrying_client : public http_client {
public:
  /// The outcome and how many tries it took.
  struct outcome {
    result<http_response> answer{};
    int tries = 0;
  };

  /// `observer` may be null.
  retrying_client(http_client& inner, sleeper& sleep, random_source& random, const wall_clock& clock,
                  exchange_observer* observer = nullptr, request_retry_policy policy = {});

  /// The error's message tells of the tries when there were several.
  [[nodiscard]] asio::awaitable<result<http_response>> send(http_request request) override;
  [[nodiscard]] asio::awaitable<outcome> send_counting(http_request request);

private:
  asio::awaitable<result<http_response>> try_once(const http_request& request, int number);
  /// How long to wait before the next try; nothing: do not try again.
  [[nodiscard]] std::optional<duration> delay_after(const http_request& request, const result<http_response>& answer,
                                                    int tries);

  http_client& inner_;
  sleeper& sleep_;
  random_source& random_;
  const wall_clock& clock_;
  exchange_observer* observer_;
  request_retry_policy policy_;
};

} // namespace penstock::net
