#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "gateway/event_choice.hpp"
#include "messages/actors/events.hpp"
#include "net/asio.hpp"

namespace penstock::gateway {

/// Wakes one coroutine that waits for events. Lives on that coroutine's strand, `ring_later` apart.
class event_bell : public std::enable_shared_from_this<event_bell> {
public:
  explicit event_bell(net::asio::any_io_executor strand);
  /// Returns when it was rung since the last return. Ends with operation_aborted when the coroutine is cancelled.
  [[nodiscard]] net::asio::awaitable<void> wait();
  /// From any thread.
  void ring_later();

private:
  net::asio::steady_timer timer_;
  bool rung_ = false;
};

/// What stands between the event bus and one reader's stream. It begins by only noting what it was offered, while the
/// reader reads the backlog from the store; from `go_live` on it keeps events, up to its capacity, in order.
class event_feed final : public actors::event_subscriber {
public:
  event_feed(event_choice choice, bool wants_live, std::size_t capacity, std::weak_ptr<event_bell> bell);

  // On the bus's thread.
  [[nodiscard]] bool wants_live() const override { return wants_live_; }
  [[nodiscard]] bool offer(const std::shared_ptr<const event>& value) override;
  void dropped(const std::string& reason) override;

  // On the reader's strand.
  /// The highest position that was noted: what a read of the store that starts now will find.
  [[nodiscard]] std::int64_t noted() const;
  /// Begins to keep events. False: some behind `position` came meanwhile; read them from the store first.
  [[nodiscard]] bool go_live(std::int64_t position);
  struct batch {
    std::deque<std::shared_ptr<const event>> events;
    std::optional<std::string> dropped; ///< nothing more will come, for this reason
    std::int64_t passed = 0;            ///< the highest position that was offered by then, wanted or not
  };
  [[nodiscard]] batch take();

private:
  const event_choice choice_;
  const bool wants_live_;
  const std::size_t capacity_;
  const std::weak_ptr<event_bell> bell_;
  mutable std::mutex mutex_;
  bool live_ = false;
  std::int64_t noted_ = 0, passed_ = 0;
  batch kept_;
};

} // namespace penstock::gateway
