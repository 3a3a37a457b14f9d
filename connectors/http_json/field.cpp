#include "connectors/http_json/field.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "connectors/http_json/column_names.hpp"
#include "core/nearest_name.hpp"
#include "core/quotable.hpp"
#include "core/rfc3339.hpp"

namespace penstock::connectors::http_json {
namespace {

namespace dom = simdjson::dom;

constexpr std::array<std::pair<std::string_view, field_type>, 6> types{{{"text", field_type::text},
                                                                        {"integer", field_type::integer},
                                                                        {"real", field_type::real},
                                                                        {"boolean", field_type::boolean},
                                                                        {"time", field_type::time},
                                                                        {"json", field_type::json}}};

auto refuse(std::string why) { return failure(error_code::invalid_argument, std::move(why)); }

std::string type_names() {
  std::string all;
  for (const auto& [name, type] : types)
    all += (all.empty() ? "" : ", ") + std::string(name);
  return all;
}

bool is_pointer(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '~' && (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1')))
      return false;
  return text.starts_with('/');
}

result<column_value> as_text(dom::element value) {
  std::string_view text;
  if (!value.get_string().get(text))
    return std::string(text);
  if (value.is_object() || value.is_array())
    return refuse("is not a text");
  return std::string(simdjson::minify(value));
}

} // namespace

column_type field::stored_as() const noexcept {
  switch (type) {
    case field_type::text:
    case field_type::json: return column_type::text;
    case field_type::real: return column_type::real;
    default: return column_type::integer;
  }
}

result<std::string> read_place(std::string_view written) {
  if (written.empty())
    return std::string();
  const auto wrong = [written] {
    return refuse("'" + quotable(written, 60) + "' is no place in JSON: write it as pricing.amount or /pricing/amount");
  };
  if (written.front() == '/') {
    if (!is_pointer(written))
      return wrong();
    return std::string(written);
  }
  std::string pointer;
  for (auto rest = written;;) {
    const auto dot = rest.find('.');
    const auto part = rest.substr(0, dot);
    if (part.empty())
      return wrong();
    pointer += '/';
    for (const char c : part)
      c == '~' ? pointer += "~0" : c == '/' ? pointer += "~1" : pointer += c;
    if (dot == std::string_view::npos)
      return pointer;
    rest = rest.substr(dot + 1);
  }
}

result<field> read_field(std::string_view written) {
  const auto equals = written.find('=');
  const auto head = written.substr(0, equals);
  const auto colon = head.find(':');
  field read;
  read.column = head.substr(0, colon);
  if (auto wrong = column_objection(read.column); !wrong.empty())
    return refuse(std::move(wrong));
  if (colon != std::string_view::npos) {
    const auto name = head.substr(colon + 1);
    const auto known = std::find_if(types.begin(), types.end(), [&](const auto& each) { return each.first == name; });
    if (known == types.end())
      return refuse("'" + quotable(written, 80) + "': a field's type is one of " + type_names() +
                    ", written as price:integer=pricing.amount");
    read.type = known->second;
  }
  const auto place = equals == std::string_view::npos ? std::string_view(read.column) : written.substr(equals + 1);
  if (place.empty())
    return refuse("'" + quotable(written, 80) + "': name a place behind '=', such as pricing.amount");
  auto pointer = read_place(place);
  if (!pointer)
    return failure(pointer.error());
  read.place = std::move(*pointer);
  return read;
}

std::optional<dom::element> find(dom::element item, std::string_view place) {
  dom::element found;
  if (item.at_pointer(place).get(found) || found.is_null())
    return std::nullopt;
  return found;
}

result<column_value> read_value(dom::element value, field_type type, time_format times) {
  switch (type) {
    case field_type::text: return as_text(value);
    case field_type::json: return std::string(simdjson::minify(value));
    case field_type::integer: {
      std::int64_t number = 0;
      if (!value.is_number() || value.get_int64().get(number))
        return refuse("is not a whole number");
      return number;
    }
    case field_type::real: {
      double number = 0;
      if (!value.is_number() || value.get_double().get(number))
        return refuse("is not a number");
      return number;
    }
    case field_type::boolean: {
      bool flag = false;
      if (value.get_bool().get(flag))
        return refuse("is neither true nor false");
      return std::int64_t{flag};
    }
    case field_type::time: break;
  }
  std::string_view text;
  if (!value.get_string().get(text) && text.empty())
    return column_value{}; // as some write "never"
  const auto moment = read_time(value, times);
  if (!moment)
    return failure(moment.error());
  return std::int64_t{moment->time_since_epoch().count()};
}

result<timestamp> read_time(dom::element value, time_format times) {
  std::string_view text;
  if (times == time_format::rfc3339) {
    constexpr std::size_t date_size = 10; // 2026-01-31
    if (value.get_string().get(text))
      return refuse("is not a time: RFC 3339 is expected");
    const auto whole = text.size() == date_size ? std::string(text) + "T00:00:00Z" : std::string(text);
    if (const auto moment = parse_rfc3339(whole))
      return *moment;
    return refuse("is not a time: RFC 3339 is expected");
  }
  double number = 0;
  constexpr double largest = 253'402'300'800.0; // the year 10000, in seconds
  if (!value.is_number() || value.get_double().get(number))
    return refuse("is not a time: a number is expected");
  const double seconds = times == time_format::seconds ? number : number / 1000;
  if (!(std::abs(seconds) < largest))
    return refuse("is not a time: it lies beyond the year 9999");
  return timestamp{duration{std::llround(seconds * 1'000'000)}};
}

result<bool> read_gone(dom::element value, time_format times) {
  bool flag = false;
  std::string_view text;
  double number = 0;
  if (!value.get_bool().get(flag))
    return flag;
  if (!value.get_string().get(text)) {
    if (text.empty())
      return false; // as some write "never"
    if (read_time(value, time_format::rfc3339))
      return true;
  } else if (!value.get_double().get(number)) {
    if (number == 0 || number == 1)
      return number == 1;
    if (times != time_format::rfc3339 && number > 0 && read_time(value, times))
      return true;
  }
  return refuse("is neither true or false, 1 or 0, nor a time: name a field that is, or none");
}

std::string write_time(timestamp moment, time_format times) {
  using namespace std::chrono;
  switch (times) {
    case time_format::seconds: return std::to_string(floor<seconds>(moment.time_since_epoch()).count());
    case time_format::milliseconds: return std::to_string(floor<milliseconds>(moment.time_since_epoch()).count());
    case time_format::rfc3339: break;
  }
  return format_rfc3339(moment);
}

std::optional<std::string> read_id(dom::element value) {
  std::string_view text;
  if (!value.get_string().get(text))
    return text.empty() ? std::nullopt : std::optional(std::string(text));
  if (value.is_int64() || value.is_uint64())
    return std::string(simdjson::minify(value));
  return std::nullopt;
}

} // namespace penstock::connectors::http_json
