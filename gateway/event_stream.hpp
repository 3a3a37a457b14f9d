#pragma once

#include <optional>

#include "gateway/event_choice.hpp"
#include "gateway/service_desk.hpp"
#include "net/http_handler.hpp"

namespace penstock::gateway {

struct event_stream_request {
  event_choice choice;
  bool live = false; ///< live-only events too
  /// The reader has seen everything up to this position. Without it (and without `since`): from now on.
  std::optional<std::int64_t> after;
  /// Who reads: the stream ends when that caller's token is good for nothing any more.
  caller reader{};
};

/// Sends events as server-sent events until the reader goes, is too slow, or the coroutine is cancelled: first those
/// that are stored behind `after`, then each as it is published; none is left out and none comes twice. The `id` of an
/// event is its position; the position at the start goes ahead as an `id` without data. Live-only events have no `id`.
/// Comments keep a quiet connection alive. A reader that is dropped is told so by an event
/// `stream.dropped` with the reason.
[[nodiscard]] net::asio::awaitable<void> stream_events(service_desk& desk, event_stream_request wanted,
                                                       net::reply_stream& out);

} // namespace penstock::gateway
