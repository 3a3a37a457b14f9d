#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "core/time.hpp"
#include "net/asio.hpp"

namespace penstock::net {

/// Calls back when a moment has passed, and again every tenth of a second until told a new moment: an operation that
/// was just between two steps when the first call came is caught by the second.
/// Moving the moment later, as every request does, touches no timer. All calls and the callback on one strand.
class deadline {
public:
  deadline(asio::any_io_executor strand, std::function<void()> on_expiry);
  /// No callback comes after this.
  ~deadline();
  deadline(const deadline&) = delete;
  deadline& operator=(const deadline&) = delete;

  void expires_after(duration length);
  void never() noexcept;
  /// Whether it called since it was last set.
  [[nodiscard]] bool expired() const noexcept;

private:
  struct watch;
  std::shared_ptr<watch> watch_;
};

} // namespace penstock::net
