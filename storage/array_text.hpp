#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace penstock::storage {

/// An array in PostgreSQL's text form, as a parameter: many rows in one statement, which is one round trip.
class array_text {
public:
  void clear() { text_.assign(1, '{'); }
  void add(std::int64_t number) {
    separate();
    char digits[20];
    text_.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
  }
  /// In the shortest form that reads back as the same number.
  void add(double number) {
    separate();
    char digits[32];
    text_.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
  }
  void add(std::string_view words) {
    separate();
    text_ += '"';
    for (const char c : words) {
      if (c == '"' || c == '\\')
        text_ += '\\';
      text_ += c;
    }
    text_ += '"';
  }
  void add_null() {
    separate();
    text_ += "NULL";
  }
  void close() { text_ += '}'; }

  /// Bound by address.
  [[nodiscard]] std::string& text() noexcept { return text_; }

private:
  void separate() {
    if (text_.size() > 1)
      text_ += ',';
  }

  std::string text_ = "{";
};

} // namespace penstock::storage
