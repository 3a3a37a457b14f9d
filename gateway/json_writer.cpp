#include "gateway/json_writer.hpp"

#include <array>
#include <cmath>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "core/rfc3339.hpp"

namespace penstock::gateway {
namespace {

namespace json = boost::json;

bool is_json(std::string_view text) {
  if (text == "{}")
    return true;
  std::array<unsigned char, 4096> space;
  json::monotonic_resource memory(space.data(), space.size());
  boost::system::error_code malformed;
  static_cast<void>(json::parse({text.data(), text.size()}, malformed, &memory));
  return !malformed;
}

} // namespace

void json_writer::separate() {
  if (comma_)
    out_ += ',';
  comma_ = true;
}

json_writer& json_writer::open(char bracket) {
  separate();
  out_ += bracket;
  comma_ = false;
  return *this;
}

json_writer& json_writer::close(char bracket) {
  out_ += bracket;
  comma_ = true;
  return *this;
}

json_writer& json_writer::literal(std::string_view text) {
  separate();
  out_ += text;
  return *this;
}

json_writer& json_writer::key(std::string_view name) {
  text(name);
  out_ += ':';
  comma_ = false;
  return *this;
}

json_writer& json_writer::number(std::int64_t value) { return literal(std::to_string(value)); }

json_writer& json_writer::real(double value) {
  if (!std::isfinite(value))
    return null();
  const auto nearest = std::llround(value);
  if (static_cast<double>(nearest) == value)
    return number(nearest);
  return literal(json::serialize(json::value(value)));
}

json_writer& json_writer::text(std::string_view value) {
  separate();
  // What needs no escape, which is nearly everything, is copied as it is.
  const auto plain = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; };
  for (const char c : value)
    if (!plain(c)) {
      out_ += json::serialize(json::string_view(value.data(), value.size()));
      return *this;
    }
  out_.append(1, '"').append(value).append(1, '"');
  return *this;
}

json_writer& json_writer::raw(std::string_view json) {
  if (json.empty())
    return null();
  return is_json(json) ? literal(json) : text(json);
}

json_writer& json_writer::time(timestamp moment) { return moment == no_time ? null() : text(format_rfc3339(moment)); }

json_writer& json_writer::milliseconds(duration length) {
  return number(std::chrono::duration_cast<std::chrono::milliseconds>(length).count());
}

} // namespace penstock::gateway
