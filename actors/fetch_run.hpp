#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/strand.hpp>

#include "actors/attempt_log.hpp"
#include "actors/fetcher.hpp"
#include "actors/integration_webhooks.hpp"
#include "net/exchange_observer.hpp"
#include "net/retrying_client.hpp"

namespace penstock::actors {

/// What the store knows of a fetch job's surroundings.
struct fetch_surroundings {
  std::optional<integration> account;
  stream_cursor committed;
  bool takes_webhooks = false; ///< its service does; not in a dry run, which must leave the provider as it is
};
/// Reads them: the job's integration, and its stream's cursor if it has one. Blocks; for a reader thread.
[[nodiscard]] result<fetch_surroundings> load_surroundings(storage::read_session& db, const ready_job& job,
                                                           const connectors::catalogue& connectors);

/// One run of a fetch handler's coroutine, with all that the handler holds references to. Lives until the coroutine
/// has ended, however it ends.
class fetch_run : public std::enable_shared_from_this<fetch_run>,
                  private connectors::token_source,
                  private connectors::row_reader,
                  private net::exchange_observer {
public:
  fetch_run(const fetcher_config& config, work_order order, fetch_surroundings surroundings);

  /// Starts the coroutine. Its outcome goes to the order's reply_to as work_done, once.
  void start();
  /// Cancels the coroutine. Any thread.
  void stop();

private:
  net::asio::awaitable<void> run();
  net::asio::awaitable<result<unit_of_work>> call_handler();

  net::asio::awaitable<result<std::string>> access_token() override;
  net::asio::awaitable<result<std::string>> replace(std::string rejected) override;
  /// Tokens of another integration than the job's own.
  class tokens_of_another;
  net::asio::awaitable<result<std::string>> ask_token(integration_id integration, std::string rejected);
  net::asio::awaitable<result<row_set>> select(std::string sql, std::vector<column_value> parameters) override;
  void on_exchange(const net::http_exchange& exchange) override;
  bool wants_bodies() const noexcept override { return order_.jobs.front().keep_bodies; }

  fetcher_config config_;
  work_order order_;
  fetch_surroundings surroundings_;
  net::asio::strand<net::asio::any_io_executor> strand_;
  net::asio::cancellation_signal cancel_;
  net::retrying_client http_;
  std::vector<http_exchange> exchanges_;
  std::uint16_t request_number_ = 0;
  attempt_log log_; ///< on the strand
  std::optional<integration_webhooks> webhooks_;
  bool stopped_ = false; ///< on the strand
};

} // namespace penstock::actors
