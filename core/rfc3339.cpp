#include "core/rfc3339.hpp"

#include <cstdint>

#include "core/quotable.hpp"

namespace penstock {
namespace {

using namespace std::chrono;

void append_digits(std::string& out, std::uint64_t value, std::size_t width) {
  const std::string digits = std::to_string(value);
  if (digits.size() < width)
    out.append(width - digits.size(), '0');
  out += digits;
}

std::string format_local(duration since_epoch, std::string_view suffix) {
  const sys_time<duration> local{since_epoch};
  const auto day = floor<days>(local);
  const year_month_day date{day};
  const hh_mm_ss time{local - day};
  std::string out;
  out.reserve(32);
  const int year = static_cast<int>(date.year());
  if (year < 0)
    out += '-';
  append_digits(out, static_cast<std::uint64_t>(year < 0 ? -year : year), 4);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_digits(out, static_cast<std::uint64_t>(time.hours().count()), 2);
  out += ':';
  append_digits(out, static_cast<std::uint64_t>(time.minutes().count()), 2);
  out += ':';
  append_digits(out, static_cast<std::uint64_t>(time.seconds().count()), 2);
  if (const auto micros = static_cast<std::uint64_t>(time.subseconds().count()); micros != 0) {
    out += '.';
    if (micros % 1000 == 0)
      append_digits(out, micros / 1000, 3);
    else
      append_digits(out, micros, 6);
  }
  out += suffix;
  return out;
}

/// Reads a text from left to right; every step fails once one has.
class reader {
public:
  explicit reader(std::string_view text) : rest_(text) {}

  int number(std::size_t width, int low, int high) {
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      if (i >= rest_.size() || !is_digit(rest_[i]))
        return fail();
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(width);
    return value < low || value > high ? fail() : value;
  }

  /// Whether one of `options` comes next; it is taken.
  char one_of(std::string_view options) {
    if (rest_.empty() || options.find(rest_.front()) == std::string_view::npos) {
      fail();
      return '\0';
    }
    const char found = rest_.front();
    rest_.remove_prefix(1);
    return found;
  }

  microseconds fraction() {
    if (rest_.empty() || rest_.front() != '.')
      return microseconds{0};
    rest_.remove_prefix(1);
    if (rest_.empty() || !is_digit(rest_.front()))
      fail();
    std::int64_t micros = 0;
    int digits = 0;
    for (; !rest_.empty() && is_digit(rest_.front()); rest_.remove_prefix(1))
      if (digits < 6) {
        micros = micros * 10 + (rest_.front() - '0');
        ++digits;
      }
    for (; digits < 6; ++digits)
      micros *= 10;
    return microseconds{micros};
  }

  [[nodiscard]] bool ended_well() const { return good_ && rest_.empty(); }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  int fail() {
    good_ = false;
    return 0;
  }

  std::string_view rest_;
  bool good_ = true;
};

tl::unexpected<error> refuse(std::string_view text, std::string_view why) {
  return failure(error_code::invalid_argument, "'" + quotable(text, 64) + "' is not a time: " + std::string{why} +
                                                 " (write it like 2026-03-08T03:00:00Z)");
}

} // namespace

std::string format_rfc3339(timestamp moment) { return format_local(moment.time_since_epoch(), "Z"); }

std::string format_rfc3339(timestamp moment, seconds offset) {
  const auto whole = duration_cast<minutes>(offset);
  const auto magnitude = static_cast<std::uint64_t>(whole < minutes{0} ? -whole.count() : whole.count());
  std::string suffix{whole < minutes{0} ? "-" : "+"};
  append_digits(suffix, magnitude / 60, 2);
  suffix += ':';
  append_digits(suffix, magnitude % 60, 2);
  return format_local(moment.time_since_epoch() + whole, suffix);
}

result<timestamp> parse_rfc3339(std::string_view text) {
  if (text.size() > 128)
    return refuse(text, "it is too long");
  reader in{text};
  const year y{in.number(4, 0, 9999)};
  in.one_of("-");
  const month m{static_cast<unsigned>(in.number(2, 1, 12))};
  in.one_of("-");
  const day d{static_cast<unsigned>(in.number(2, 1, 31))};
  in.one_of("Tt");
  const hours hour{in.number(2, 0, 23)};
  in.one_of(":");
  const minutes minute{in.number(2, 0, 59)};
  in.one_of(":");
  const seconds second{in.number(2, 0, 60)};
  const auto fraction = in.fraction();
  if (in.good() && in.at_end())
    return refuse(text, "it has no zone, end it with Z or an offset such as +02:00");
  const char zone = in.one_of("Zz+-");
  minutes offset{0};
  if (zone == '+' || zone == '-') {
    const hours zone_hours{in.number(2, 0, 23)};
    in.one_of(":");
    offset = zone_hours + minutes{in.number(2, 0, 59)};
    if (zone == '-')
      offset = -offset;
  }
  if (!in.ended_well())
    return refuse(text, "it does not follow RFC 3339");
  const year_month_day date{y, m, d};
  if (!date.ok())
    return refuse(text, "no such day");
  const auto minute_in_utc = sys_days{date} + hour + minute - offset;
  if (second == seconds{60}) {
    if (minute_in_utc - floor<days>(minute_in_utc) != hours{23} + minutes{59})
      return refuse(text, "second 60 exists only at 23:59 UTC");
    return timestamp{minute_in_utc + minutes{1}};
  }
  return timestamp{minute_in_utc + second + fraction};
}

} // namespace penstock
