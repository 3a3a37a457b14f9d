#include "connectors/apple_health/export_time.hpp"

#include <chrono>
#include <string>

namespace penstock::connectors::apple_health {
namespace {

using namespace std::chrono;

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Takes from the front of a text.
class taker {
public:
  explicit taker(std::string_view text) : rest_(text) {}

  /// `least` to `most` digits; -1: there are not so many.
  int number(std::size_t least, std::size_t most) {
    int read = 0;
    std::size_t digits = 0;
    for (; digits < most && digits < rest_.size() && is_digit(rest_[digits]); ++digits)
      read = read * 10 + (rest_[digits] - '0');
    if (digits < least)
      return -1;
    rest_.remove_prefix(digits);
    return read;
  }

  bool mark(char wanted) {
    if (!rest_.starts_with(wanted))
      return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Any kind of space, also those that iOS puts before AM and PM (U+00A0, U+202F).
  bool spaces() {
    bool any = false;
    for (const std::string_view space : {" ", "\u00a0", "\u202f"})
      while (rest_.starts_with(space)) {
        rest_.remove_prefix(space.size());
        any = true;
      }
    return any;
  }

  /// A word of ASCII letters, in capitals, without its dots.
  std::string word() {
    std::string read;
    while (!rest_.empty()) {
      const char c = rest_.front();
      const bool small = c >= 'a' && c <= 'z', capital = c >= 'A' && c <= 'Z';
      if (!small && !capital && (c != '.' || read.empty()))
        break;
      if (c != '.')
        read += small ? static_cast<char>(c - 'a' + 'A') : c;
      rest_.remove_prefix(1);
    }
    return read;
  }

  [[nodiscard]] std::string_view rest() const { return rest_; }

private:
  std::string_view rest_;
};

struct time_of_day {
  int hour = 0, minute = 0, second = 0;
  int micros = 0;
};

std::optional<time_of_day> take_time(taker& from) {
  time_of_day read;
  read.hour = from.number(1, 2);
  if (read.hour < 0 || !from.mark(':') || (read.minute = from.number(2, 2)) < 0)
    return std::nullopt;
  if (from.mark(':') && (read.second = from.number(2, 2)) < 0)
    return std::nullopt;
  if (from.mark('.') || from.mark(',')) {
    int scale = 100'000, digits = 0;
    for (int digit = from.number(1, 1); digit >= 0; digit = from.number(1, 1), scale /= 10, ++digits)
      read.micros += digit * scale;
    if (digits == 0)
      return std::nullopt;
  }
  return read;
}

/// Turns the hours of a twelve-hour clock into those of a day.
bool turn_half(time_of_day& time, const std::string& half) {
  if (half.empty())
    return true;
  if ((half != "AM" && half != "PM") || time.hour < 1 || time.hour > 12)
    return false;
  time.hour = time.hour % 12 + (half == "PM" ? 12 : 0);
  return true;
}

std::optional<minutes> take_offset(taker& from, const std::string& zone) {
  if (zone == "Z")
    return minutes{0};
  if (!zone.empty() && zone != "UTC" && zone != "GMT")
    return std::nullopt;
  const bool minus = from.mark('-');
  if (!minus && !from.mark('+'))
    return zone.empty() ? std::nullopt : std::optional(minutes{0});
  const int hours = from.number(2, 2);
  from.mark(':');
  const int more = from.rest().empty() ? 0 : from.number(2, 2);
  if (hours < 0 || hours > 18 || more < 0 || more > 59)
    return std::nullopt;
  const minutes offset{hours * 60 + more};
  return minus ? -offset : offset;
}

} // namespace

std::optional<timestamp> parse_export_time(std::string_view text) {
  constexpr std::size_t longest = 60;
  constexpr int earliest = 1900, latest = 2199;
  if (text.size() > longest)
    return std::nullopt;
  taker from(text);
  from.spaces();
  const int y = from.number(4, 4);
  if (y < earliest || y > latest || !from.mark('-'))
    return std::nullopt;
  const int m = from.number(1, 2);
  if (m < 1 || !from.mark('-'))
    return std::nullopt;
  const int d = from.number(1, 2);
  const year_month_day date{year{y}, month{static_cast<unsigned>(m)}, day{static_cast<unsigned>(d < 1 ? 0 : d)}};
  if (!date.ok() || (!from.spaces() && !from.mark('T') && !from.mark('t')))
    return std::nullopt;
  auto time = take_time(from);
  if (!time)
    return std::nullopt;
  from.spaces();
  auto word = from.word();
  if (word == "AM" || word == "PM") {
    if (!turn_half(*time, word))
      return std::nullopt;
    from.spaces();
    word = from.word();
  }
  from.spaces();
  const auto offset = take_offset(from, word);
  from.spaces();
  if (!offset || !from.rest().empty() || time->hour > 23 || time->minute > 59 || time->second > 59)
    return std::nullopt;
  return sys_days{date} + hours{time->hour} + minutes{time->minute} + seconds{time->second} +
         microseconds{time->micros} - *offset;
}

} // namespace penstock::connectors::apple_health
