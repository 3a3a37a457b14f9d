#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/id_text.hpp"
#include "core/time.hpp"

namespace penstock::gateway {

/// Writes JSON text in one pass, and takes JSON that exists as text (args, results, event data) as it is: numbers keep
/// the form in which they came. The caller keeps to the grammar: within an object each value follows a key.
class json_writer {
public:
  json_writer& begin_object() { return open('{'); }
  json_writer& end_object() { return close('}'); }
  json_writer& begin_array() { return open('['); }
  json_writer& end_array() { return close(']'); }
  json_writer& key(std::string_view name);

  json_writer& null() { return literal("null"); }
  json_writer& boolean(bool value) { return literal(value ? "true" : "false"); }
  json_writer& number(std::int64_t value);
  json_writer& real(double value);
  json_writer& text(std::string_view value);
  /// Empty text is null; text that is not JSON is written as a string, so that the document stays whole.
  json_writer& raw(std::string_view json);

  json_writer& number_or_null(std::optional<std::int64_t> value) { return value ? number(*value) : null(); }
  json_writer& milliseconds_or_null(std::optional<duration> length) { return length ? milliseconds(*length) : null(); }
  /// Empty is null.
  json_writer& text_or_null(std::string_view value) { return value.empty() ? null() : text(value); }
  /// As a string; 0 is null.
  template <class Tag>
  json_writer& id(strong_id<Tag> value) {
    return value ? text(to_string(value)) : null();
  }
  /// RFC 3339 in UTC; no_time is null.
  json_writer& time(timestamp moment);
  /// Whole milliseconds.
  json_writer& milliseconds(duration length);

  [[nodiscard]] std::string take() { return std::move(out_); }
  [[nodiscard]] const std::string& view() const noexcept { return out_; }

private:
  json_writer& open(char bracket);
  json_writer& close(char bracket);
  json_writer& literal(std::string_view text);
  void separate();

  std::string out_;
  bool comma_ = false; ///< the next value or key stands behind another
};

} // namespace penstock::gateway
