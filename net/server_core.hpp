#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "net/byte_stream.hpp"
#include "net/http_server.hpp"

namespace penstock::net {

class server_connection;

/// What the connections of one server share. Private to http_server.
class server_core {
public:
  server_core(asio::any_io_executor executor, http_server_config config, http_handler handler);

  const http_server_config config;
  const http_handler handler;
  const asio::any_io_executor executor;

  /// Of connections to come; null for plain HTTP. Any thread.
  void set_tls(std::shared_ptr<asio::ssl::context> context);
  [[nodiscard]] std::shared_ptr<asio::ssl::context> tls() const;

  /// `admitted` false: close it at once. `refused`: one too many, to be answered 503. Where all places are taken, the
  /// connection that has waited longest for bytes of a request gives way: who sends nothing keeps nobody out.
  struct admission {
    bool admitted = false;
    bool refused = false;
  };
  [[nodiscard]] admission enter(const std::shared_ptr<server_connection>& connection);
  void leave(server_connection* connection) noexcept;
  [[nodiscard]] std::size_t size() const;

  /// The accepting coroutine counts as one who must leave.
  void accepting(bool on);

  /// No connection is admitted any more; those that are here are told to end soon.
  void drain();
  /// Cuts off those that are still here.
  void kill();
  /// Waits until all have left; false if some have not in time.
  [[nodiscard]] bool wait_until_empty(duration limit);

private:
  /// Connections beyond the limit that are being told so.
  static constexpr std::size_t max_refusals = 64;

  [[nodiscard]] std::vector<std::shared_ptr<server_connection>> everybody() const;
  /// Null where all are at work. The mutex is held.
  [[nodiscard]] std::shared_ptr<server_connection> longest_waiting() const;

  mutable std::mutex mutex_;
  std::condition_variable left_;
  std::unordered_map<server_connection*, std::weak_ptr<server_connection>> connections_; ///< guarded by mutex_
  bool accepting_ = false;                                                               ///< guarded by mutex_
  bool draining_ = false;                                                                ///< guarded by mutex_
  std::shared_ptr<asio::ssl::context> tls_;                                              ///< guarded by mutex_
};

} // namespace penstock::net
