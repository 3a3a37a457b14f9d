#include "net/deadline.hpp"

#include <algorithm>

#include <boost/asio/steady_timer.hpp>

namespace penstock::net {

using clock_type = asio::steady_timer::clock_type;

struct deadline::watch : std::enable_shared_from_this<watch> {
  watch(asio::any_io_executor strand, std::function<void()> callback) : timer(strand), on_expiry(std::move(callback)) {}

  /// Lets the timer fire at `moment`, unless it does so earlier anyway.
  void arm(clock_type::time_point moment) {
    if (armed_for <= moment)
      return;
    armed_for = moment;
    timer.expires_at(moment);
    timer.async_wait([weak = weak_from_this()](io_error error) {
      const auto self = weak.lock();
      if (self && !error)
        self->fire();
    });
  }

  void fire() {
    armed_for = clock_type::time_point::max();
    if (due == clock_type::time_point::max() || !on_expiry)
      return;
    const auto now = clock_type::now();
    if (now < due)
      return arm(due);
    expired = true;
    arm(now + std::chrono::milliseconds(100));
    on_expiry();
  }

  asio::steady_timer timer;
  std::function<void()> on_expiry;
  clock_type::time_point due = clock_type::time_point::max();
  clock_type::time_point armed_for = clock_type::time_point::max();
  bool expired = false;
};

deadline::deadline(asio::any_io_executor strand, std::function<void()> on_expiry)
    : watch_(std::make_shared<watch>(std::move(strand), std::move(on_expiry))) {}

deadline::~deadline() {
  watch_->on_expiry = nullptr;
  watch_->timer.cancel();
}

void deadline::expires_after(duration length) {
  watch_->expired = false;
  watch_->due = clock_type::now() + std::min<duration>(length, std::chrono::hours(24 * 365));
  watch_->arm(watch_->due);
}

void deadline::never() noexcept {
  watch_->expired = false;
  watch_->due = clock_type::time_point::max();
}

bool deadline::expired() const noexcept { return watch_->expired; }

} // namespace penstock::net
