#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace penstock::storage {

/// Rows as PostgreSQL's `COPY ... FROM STDIN (FORMAT binary)` takes them: nothing is parsed there. Fields in the order of
/// the columns, each in the column's own width. (PostgreSQL manual, COPY, "Binary Format".)
class binary_rows {
public:
  void clear();
  void begin_row(std::int16_t fields) { put(fields); }
  template <std::signed_integral T>
  void add(T value) {
    put(static_cast<std::int32_t>(sizeof(T)));
    put(value);
  }
  void add(std::string_view text) {
    put(static_cast<std::int32_t>(text.size()));
    bytes_.append(text);
  }
  void add_null() { put(std::int32_t{-1}); }
  void close() { put(std::int16_t{-1}); }

  [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }

private:
  /// The most significant byte first.
  template <std::signed_integral T>
  void put(T value) {
    char raw[sizeof(T)];
    auto rest = static_cast<std::uint64_t>(value);
    for (auto at = sizeof(T); at > 0; rest >>= 8)
      raw[--at] = static_cast<char>(rest & 0xff);
    bytes_.append(raw, sizeof raw);
  }

  std::string bytes_;
};

} // namespace penstock::storage
