#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/error.hpp"

struct pg_conn;

namespace penstock::storage {

/// Ends a wait on a wake_channel from another thread.
class wake_signal {
public:
  wake_signal();
  ~wake_signal();
  wake_signal(const wake_signal&) = delete;
  wake_signal& operator=(const wake_signal&) = delete;

  void set() noexcept; ///< thread-safe
  void clear() noexcept;
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

private:
  int descriptor_;
};

/// Messages among the nodes of a database, by LISTEN and NOTIFY on a connection of its own. They are hints: some may be
/// lost with a connection.
class wake_channel {
public:
  /// Connects and listens. `conninfo`: see postgresql_conninfo.
  [[nodiscard]] static result<std::unique_ptr<wake_channel>> open(const std::string& conninfo);
  ~wake_channel();
  wake_channel(const wake_channel&) = delete;
  wake_channel& operator=(const wake_channel&) = delete;

  /// Waits for a message, the signal, or the time to be over. False: the connection is lost.
  [[nodiscard]] bool wait(std::chrono::milliseconds limit, const wake_signal& signal);

  /// What has come.
  [[nodiscard]] std::vector<std::string> take();

  /// Says it to all who listen, this one too. False: the connection is lost.
  [[nodiscard]] bool say(const std::string& message);

  /// Longer ones are refused by the server.
  static constexpr std::size_t most_bytes = 7900;

private:
  explicit wake_channel(pg_conn* connection) : connection_(connection) {}

  pg_conn* connection_;
  std::string name_;
};

} // namespace penstock::storage
