#include "gateway/event_feed.hpp"

#include <utility>

#include <boost/asio/post.hpp>

namespace penstock::gateway {

event_bell::event_bell(net::asio::any_io_executor strand) : timer_(std::move(strand)) {}

net::asio::awaitable<void> event_bell::wait() {
  if (!rung_) {
    timer_.expires_at(std::chrono::steady_clock::time_point::max());
    try {
      co_await timer_.async_wait(net::asio::use_awaitable);
    } catch (const boost::system::system_error&) {
      // Rung, or the reader was cancelled: both end the wait in this way.
      if (!rung_)
        throw;
    }
  }
  rung_ = false;
}

void event_bell::ring_later() {
  net::asio::post(timer_.get_executor(), [self = shared_from_this()] {
    self->rung_ = true;
    self->timer_.cancel();
  });
}

event_feed::event_feed(event_choice choice, bool wants_live, std::size_t capacity, std::weak_ptr<event_bell> bell)
    : choice_(std::move(choice)), wants_live_(wants_live), capacity_(capacity), bell_(std::move(bell)) {}

bool event_feed::offer(const std::shared_ptr<const event>& value) {
  const bool wanted = choice_.matches(*value);
  {
    const std::scoped_lock lock(mutex_);
    passed_ = std::max(passed_, value->position);
    if (!wanted)
      return true;
    if (!live_) {
      // A stored one can be read; a live-only one comes too early.
      noted_ = std::max(noted_, value->position);
      return true;
    }
    if (kept_.events.size() >= capacity_)
      return false;
    kept_.events.push_back(value);
    if (kept_.events.size() > 1)
      return true; // the bell was rung for the first
  }
  if (const auto bell = bell_.lock())
    bell->ring_later();
  return true;
}

void event_feed::dropped(const std::string& reason) {
  {
    const std::scoped_lock lock(mutex_);
    kept_.dropped = reason;
  }
  if (const auto bell = bell_.lock())
    bell->ring_later();
}

std::int64_t event_feed::noted() const {
  const std::scoped_lock lock(mutex_);
  return noted_;
}

bool event_feed::go_live(std::int64_t position) {
  const std::scoped_lock lock(mutex_);
  live_ = noted_ <= position;
  return live_;
}

event_feed::batch event_feed::take() {
  const std::scoped_lock lock(mutex_);
  batch taken;
  taken.events.swap(kept_.events);
  taken.dropped = kept_.dropped;
  taken.passed = passed_;
  return taken;
}

} // namespace penstock::gateway
