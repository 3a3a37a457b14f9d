#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/cancellation_signal.hpp>

#include "net/byte_stream.hpp"
#include "net/deadline.hpp"
#include "net/http_parser.hpp"
#include "net/input_buffer.hpp"
#include "net/server_core.hpp"

namespace penstock::net {

/// One connection of an http_server: reads a request, has it answered, writes the reply, and again.
/// Lives on a strand of its own, kept by its coroutine. Private to http_server.
class server_connection : public std::enable_shared_from_this<server_connection> {
public:
  server_connection(std::shared_ptr<server_core> core, asio::ip::tcp::socket socket);
  ~server_connection();

  /// Admits and runs it, or closes it at once.
  static void start(std::shared_ptr<server_core> core, asio::ip::tcp::socket socket);

  /// Since when it has waited for bytes of a request, or behind a refusal for its client to close, on the steady clock in its own units; 0: it does not wait. Who waits
  /// longest gives way to a new connection when there is no place left. Set on the strand, read and cleared by server_core.
  std::atomic<std::int64_t> waiting_since{0};

  // From any thread. They take the pointer, so that the last one is dropped on the strand.
  /// Ends when what is being answered now is answered; streams are cancelled.
  static void drain(std::shared_ptr<server_connection> connection);
  /// Ends if it still waits.
  static void give_way(std::shared_ptr<server_connection> connection);
  /// Cuts it off and cancels its handler.
  static void kill(std::shared_ptr<server_connection> connection);

private:
  friend class chunk_stream;

  /// For how long a connection that is being closed still takes what the client sends.
  static constexpr duration linger_time = std::chrono::seconds(1);

  /// How reading a request ended.
  enum class read_end { request, closed, refused, malformed, timed_out, header_too_large, body_too_large };
  enum class phase { idle, header, body, handler, writing, lingering };

  /// Of requests that are worked on together.
  static constexpr std::size_t most_together = 32;

  struct taken_request {
    bool keep_alive = true, http_1_1 = true;
    http_server_request request{};
  };

  asio::awaitable<void> run(bool refused);
  asio::awaitable<read_end> read_request();
  /// Whether the body that is to come need not be read: `refusal_` answers.
  bool refuses_early();
  /// Hands on what came of a large body. Nothing: go on reading.
  asio::awaitable<std::optional<read_end>> spool_some();
  asio::awaitable<std::optional<http_reply>> offer_to_spool();
  [[nodiscard]] taken_request take_request();
  /// The request that was read, and those that have come behind it and overlap with it.
  [[nodiscard]] std::vector<taken_request> take_with_followers();
  /// False: the connection must be closed.
  asio::awaitable<bool> answer(taken_request taken);
  /// The same for several, whose replies go in one piece.
  asio::awaitable<bool> answer_together(std::vector<taken_request> taken);
  asio::awaitable<http_reply> ask_handler(http_server_request request);
  asio::awaitable<bool> write_stream(const http_reply& reply, bool chunked);
  asio::awaitable<void> hand_over(http_reply reply);
  void begin_to_wait();
  asio::awaitable<void> refuse(read_end why);
  asio::awaitable<void> write_problem_and_close(int status, std::string_view code, std::string detail);
  asio::awaitable<void> write_and_close(http_reply reply);
  asio::awaitable<bool> write(byte_stream::pieces bytes);
  /// Runs a coroutine that `drain` cancels, and with `watch` a vanished client too. False: it ended with an exception.
  asio::awaitable<bool> run_cancellable(asio::awaitable<void> work, bool watch);

  void on_deadline();
  void watch_client();
  [[nodiscard]] std::string_view date() const;
  void report(std::string_view what) const;

  const std::shared_ptr<server_core> core_;
  const asio::any_io_executor strand_;
  const std::unique_ptr<byte_stream> stream_;
  input_buffer in_;
  request_parser parser_;
  std::string head_;                   ///< reused by every reply
  std::optional<taken_request> ahead_; ///< was read already, and must wait for those before it
  http_reply refusal_;                 ///< of `read_end::refused`
  std::shared_ptr<body_spool> spool_;  ///< of the request that is being read
  bool keeps_body_ = false;            ///< its large body has no spool
  std::chrono::steady_clock::time_point spool_until_;
  std::string remote_address_;
  bool is_loopback_ = false;
  phase phase_ = phase::idle;
  bool draining_ = false;
  bool killed_ = false;
  bool client_gone_ = false;
  deadline deadline_;
  asio::cancellation_signal kill_;
  asio::cancellation_signal stream_cancel_;
  asio::cancellation_signal watch_cancel_;
};

} // namespace penstock::net
