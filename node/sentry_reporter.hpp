#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/random.hpp"
#include "net/asio.hpp"
#include "net/http_client.hpp"
#include "net/sentry_dsn.hpp"
#include "net/sentry_envelope.hpp"

namespace penstock::node {

struct sentry_reporter_config {
  net::sentry_dsn dsn;
  net::sentry_sender sender;
  std::size_t most_waiting = 100;                ///< reports in memory; more are dropped
  duration timeout = std::chrono::seconds(10);   ///< of a request
  duration repeat_after{0};                      ///< between two reports of the same failure; 0: each is sent
  duration note_pause = std::chrono::minutes(1); ///< between two lines that say what was dropped
  /// Takes such a line; the default writes a warning to the log.
  std::function<void(const std::string& line)> note{};
};

/// Sends reports to Sentry, one after another, on the network's threads. What does not fit into its buffer, what Sentry
/// does not want at the moment (429, X-Sentry-Rate-Limits) and what cannot be sent is dropped and counted: it never waits,
/// tries nothing twice, and nobody depends on it. Of the same failure (fingerprint and integration) one report is sent in
/// `repeat_after`; the next one has the tag `left_out`, the number of those between. Thread-safe.
class sentry_reporter {
public:
  /// `http`, `clock` and `random` outlive the reporter, and its last coroutine on `executor`.
  sentry_reporter(sentry_reporter_config config, net::http_client& http, const wall_clock& clock, random_source& random,
                  net::asio::any_io_executor executor);
  ~sentry_reporter();
  sentry_reporter(const sentry_reporter&) = delete;
  sentry_reporter& operator=(const sentry_reporter&) = delete;

  /// Never blocks.
  void report(net::sentry_report what);

  /// Waits until nothing is left to send, for at most so long; what is left then is lost with the process. Says how many
  /// were dropped since that was last said. Not on the network's threads. False: something was left.
  bool flush(duration limit);

private:
  struct shared;
  std::shared_ptr<shared> shared_;
  net::asio::any_io_executor executor_;
};

} // namespace penstock::node
