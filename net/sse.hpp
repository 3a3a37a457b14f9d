#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace penstock::net {

/// A server-sent event (WHATWG HTML, 9.2).
struct sse_event {
  std::string id;    ///< empty: none given when formatting; when parsed, the last id seen
  std::string event; ///< empty: "message"
  std::string data;  ///< lines separated by '\n'
};

/// The event as it goes over the wire, ending with an empty line. Line breaks in `id` and `event` would make other
/// fields of what follows: they are left out there.
[[nodiscard]] std::string format_sse(const sse_event& event);

/// A line that keeps a connection alive and that receivers pass over. `text` must have no line break.
[[nodiscard]] std::string format_sse_comment(std::string_view text);

/// Reads a stream of events from pieces of any size.
class sse_parser {
public:
  /// `max_event`: an event or line of more bytes ends the parsing.
  explicit sse_parser(std::size_t max_event = 1024 * 1024) : max_event_(max_event) {}

  /// Calls `on_event` for each event that is complete. False: one was too long; give it no more.
  [[nodiscard]] bool put(std::string_view bytes, const std::function<void(const sse_event&)>& on_event);

  /// What to send as `Last-Event-ID` when connecting again: of the last event that was complete, also of one without
  /// data, which is not handed on (WHATWG HTML, 9.2.6).
  [[nodiscard]] const std::string& last_event_id() const noexcept { return last_id_; }
  /// How long the server wants us to wait before connecting again.
  [[nodiscard]] std::optional<duration> retry() const noexcept { return retry_; }

private:
  void end_line(const std::function<void(const sse_event&)>& on_event);
  void take_field(std::string_view name, std::string_view value);

  std::size_t max_event_;
  std::string line_;
  std::string data_;
  std::string event_;
  std::string next_id_; ///< of the event that is being read
  std::string last_id_;
  std::optional<duration> retry_{};
  bool has_data_ = false;
  bool at_start_ = true;  ///< a byte order mark may still come
  bool after_cr_ = false; ///< a line feed now belongs to the line that has ended
};

} // namespace penstock::net
