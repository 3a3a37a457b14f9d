#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "core/error.hpp"
#include "net/byte_stream.hpp"

namespace penstock::net {

struct connection_limits {
  duration idle_expiry{};
  std::size_t max_idle_per_origin = 0;
  std::size_t max_idle = 0;
  std::size_t max_open_per_origin = 0;
};

class connection_pool;

/// A place among an origin's open connections; given up when destroyed.
class connection_place {
public:
  connection_place(std::weak_ptr<connection_pool> pool, std::string origin);
  ~connection_place();
  connection_place(connection_place&&) noexcept = default;
  connection_place& operator=(connection_place&&) = delete;

  [[nodiscard]] const std::string& origin() const noexcept { return origin_; }

private:
  std::weak_ptr<connection_pool> pool_; ///< weak: the pool itself keeps places, those of idle connections
  std::string origin_;
};

/// A client's connection, or the right to open one.
struct client_connection {
  asio::any_io_executor strand;
  std::unique_ptr<byte_stream> stream; ///< null: not opened yet
  connection_place place;

  [[nodiscard]] bool reused() const noexcept { return stream != nullptr; }
};

/// Connections kept for reuse, by origin. Those unused for longer than the expiry are closed at the next use of the
/// pool, by whichever origin. Thread-safe.
class connection_pool : public std::enable_shared_from_this<connection_pool> {
public:
  connection_pool(asio::any_io_executor executor, connection_limits limits);

  /// The connection used last, if it still looks alive and `fresh` does not forbid it; otherwise the right to open
  /// one. `unavailable` when the origin has as many as it may.
  [[nodiscard]] result<client_connection> take(const std::string& origin, bool fresh);

  /// Keeps a connection on which nothing is under way and nothing is unread.
  void give_back(client_connection connection);

  [[nodiscard]] std::size_t idle() const;

private:
  friend class connection_place;

  struct idle_connection {
    client_connection connection;
    std::chrono::steady_clock::time_point since;
  };

  void leave(const std::string& origin) noexcept;
  /// Takes out what has expired; the caller destroys it without holding the lock.
  [[nodiscard]] std::list<idle_connection> take_expired();

  const asio::any_io_executor executor_;
  const connection_limits limits_;
  mutable std::mutex mutex_;
  std::map<std::string, std::size_t> open_; ///< guarded by mutex_
  std::list<idle_connection> idle_;         ///< guarded by mutex_; the one used last stands last
};

} // namespace penstock::net
