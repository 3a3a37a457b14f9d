#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <soci/soci.h>

#include "core/time.hpp"

namespace penstock::storage {

/// A parameter or a column that may be NULL. Bound by address, so it stays where it is; a text keeps its buffer from
/// one execution to the next.
template <class T>
struct nullable {
  T value{};
  soci::indicator state = soci::i_null;

  [[nodiscard]] bool has_value() const noexcept { return state == soci::i_ok; }
  void clear() noexcept { state = soci::i_null; }
  void set(const T& v) {
    value = v;
    state = soci::i_ok;
  }
  void set(T&& v) {
    value = std::move(v);
    state = soci::i_ok;
  }
  /// NULL for zero and for the empty text, which stand for "none" in the vocabulary.
  void set_or_null(const T& v) {
    if (v == T{})
      clear();
    else
      set(v);
  }
  [[nodiscard]] T value_or(T other) const { return has_value() ? value : std::move(other); }
};

/// Microseconds since the epoch, as columns hold moments.
[[nodiscard]] constexpr std::int64_t micros(timestamp t) noexcept { return t.time_since_epoch().count(); }
[[nodiscard]] constexpr timestamp moment(std::int64_t micros) noexcept { return timestamp{duration{micros}}; }

/// NULL stands for no_time.
inline void set_moment(nullable<std::int64_t>& column, timestamp t) { column.set_or_null(micros(t)); }
[[nodiscard]] inline timestamp moment_or_none(const nullable<std::int64_t>& column) {
  return moment(column.value_or(0));
}

} // namespace penstock::storage
