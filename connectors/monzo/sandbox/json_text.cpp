#include "connectors/monzo/sandbox/json_text.hpp"

namespace penstock::sandbox::monzo {

namespace {

/// Writes the number's last digits, `width` of them.
char* put(char* at, std::uint64_t number, int width) {
  for (int i = width - 1; i >= 0; --i) {
    at[i] = static_cast<char>('0' + number % 10);
    number /= 10;
  }
  return at + width;
}

} // namespace

void append_time(std::string& out, timestamp moment) {
  using namespace std::chrono;
  if (moment == no_time) {
    out.append("\"\"");
    return;
  }
  const auto day = floor<days>(moment);
  const year_month_day date{day};
  const auto millis = static_cast<std::uint64_t>(floor<milliseconds>(moment - day).count());
  std::array<char, 32> text{};
  char* at = text.data();
  *at++ = '"';
  at = put(at, static_cast<std::uint64_t>(static_cast<int>(date.year())), 4);
  *at++ = '-';
  at = put(at, static_cast<unsigned>(date.month()), 2);
  *at++ = '-';
  at = put(at, static_cast<unsigned>(date.day()), 2);
  *at++ = 'T';
  at = put(at, millis / 3'600'000, 2);
  *at++ = ':';
  at = put(at, millis / 60'000 % 60, 2);
  *at++ = ':';
  at = put(at, millis / 1'000 % 60, 2);
  *at++ = '.';
  at = put(at, millis % 1'000, 3);
  *at++ = 'Z';
  *at++ = '"';
  out.append(text.data(), at);
}

} // namespace penstock::sandbox::monzo
