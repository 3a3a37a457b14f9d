#include "net/http_date.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace penstock::net {

namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

/// Takes a date apart from its front. After a failure everything fails.
class reader {
public:
  explicit reader(std::string_view text) : rest_(text) {}

  void skip(std::string_view expected) {
    if (rest_.starts_with(expected))
      rest_.remove_prefix(expected.size());
    else
      ok_ = false;
  }

  void skip_to(char mark) {
    const auto at = rest_.find(mark);
    ok_ = ok_ && at != std::string_view::npos;
    rest_.remove_prefix(ok_ ? at + 1 : rest_.size());
  }

  /// Exactly `width` digits; a leading space counts as a zero (asctime).
  int number(std::size_t width) {
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      const char c = i < rest_.size() ? rest_[i] : '?';
      if (c == ' ' && i == 0 && width == 2)
        continue;
      ok_ = ok_ && c >= '0' && c <= '9';
      value = ok_ ? value * 10 + (c - '0') : 0;
    }
    rest_.remove_prefix(std::min(width, rest_.size()));
    return value;
  }

  /// 1 to 12.
  unsigned month() {
    const auto found = std::find(months.begin(), months.end(), rest_.substr(0, 3));
    ok_ = ok_ && found != months.end();
    rest_.remove_prefix(std::min<std::size_t>(3, rest_.size()));
    return static_cast<unsigned>(found - months.begin()) + 1;
  }

  [[nodiscard]] bool ended_well() const { return ok_ && rest_.empty(); }

private:
  std::string_view rest_;
  bool ok_ = true;
};

struct parts {
  int year = 0, day = 0, hour = 0, minute = 0, second = 0;
  unsigned month = 0;
};

void read_time(reader& in, parts& out) {
  out.hour = in.number(2);
  in.skip(":");
  out.minute = in.number(2);
  in.skip(":");
  out.second = in.number(2);
}

std::optional<timestamp> assemble(const parts& p) {
  const year_month_day date{year{p.year}, month{p.month}, day{static_cast<unsigned>(p.day)}};
  // A leap second (60) is allowed and falls on the next minute.
  if (!date.ok() || p.hour > 23 || p.minute > 59 || p.second > 60)
    return std::nullopt;
  return timestamp{sys_days{date} + hours{p.hour} + minutes{p.minute} + seconds{p.second}};
}

} // namespace

std::string format_http_date(timestamp moment) {
  const auto day_start = floor<std::chrono::days>(moment);
  const year_month_day date{day_start};
  const hh_mm_ss time{floor<seconds>(moment - day_start)};
  std::array<char, 64> text{};
  const int size = std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
                                 days[weekday{day_start}.c_encoding()].data(), static_cast<unsigned>(date.day()),
                                 months[static_cast<unsigned>(date.month()) - 1].data(), static_cast<int>(date.year()),
                                 static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                                 static_cast<int>(time.seconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

std::optional<timestamp> parse_http_date(std::string_view text, timestamp now) {
  parts p;
  reader in(text);
  const auto comma = text.find(',');
  if (comma == std::string_view::npos) { // Sun Nov  6 08:49:37 1994
    in.skip_to(' ');
    p.month = in.month();
    in.skip(" ");
    p.day = in.number(2);
    in.skip(" ");
    read_time(in, p);
    in.skip(" ");
    p.year = in.number(4);
  } else if (comma == 3) { // Sun, 06 Nov 1994 08:49:37 GMT
    in.skip_to(' ');
    p.day = in.number(2);
    in.skip(" ");
    p.month = in.month();
    in.skip(" ");
    p.year = in.number(4);
    in.skip(" ");
    read_time(in, p);
    in.skip(" GMT");
  } else { // Sunday, 06-Nov-94 08:49:37 GMT
    in.skip_to(' ');
    p.day = in.number(2);
    in.skip("-");
    p.month = in.month();
    in.skip("-");
    const int this_year = static_cast<int>(year_month_day{floor<std::chrono::days>(now)}.year());
    p.year = in.number(2) + this_year / 100 * 100;
    if (p.year > this_year + 50)
      p.year -= 100;
    in.skip(" ");
    read_time(in, p);
    in.skip(" GMT");
  }
  if (!in.ended_well())
    return std::nullopt;
  return assemble(p);
}

} // namespace penstock::net
