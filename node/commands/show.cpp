#include "node/commands/show.hpp"

#include <chrono>
#include <ostream>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "core/duration_text.hpp"

namespace penstock::node {

const boost::json::value& member_of(const boost::json::value& of, std::string_view name) {
  static const boost::json::value nothing(nullptr);
  const auto* object = of.if_object();
  const auto* found = object ? object->if_contains(boost::json::string_view(name.data(), name.size())) : nullptr;
  return found ? *found : nothing;
}

const boost::json::array& items_of(const boost::json::value& answer) {
  static const boost::json::array none;
  const auto* items = member_of(answer, "items").if_array();
  return items ? *items : none;
}

std::string shown(const boost::json::value& of, std::string_view name) {
  const auto& value = member_of(of, name);
  if (value.is_null())
    return {};
  if (const auto* text = value.if_string())
    return std::string(text->data(), text->size());
  if (const auto* number = value.if_double();
      number && *number == static_cast<double>(static_cast<std::int64_t>(*number)))
    return std::to_string(static_cast<std::int64_t>(*number));
  return boost::json::serialize(value);
}

std::string shown_in(const boost::json::value& of, std::string_view name, std::string_view inner) {
  return shown(member_of(of, name), inner);
}

std::string shown_time(const boost::json::value& of, std::string_view name) {
  auto text = shown(of, name);
  const auto dot = text.find('.');
  if (dot != std::string::npos)
    text.erase(dot, text.find_first_not_of("0123456789", dot + 1) - dot);
  if (const auto t = text.find('T'); t != std::string::npos)
    text[t] = ' ';
  return text;
}

std::string shown_milliseconds(std::int64_t ms) {
  const std::chrono::milliseconds length(ms);
  // Below ten seconds the fraction tells something, above only clutters.
  if (ms >= 10'000)
    return format_duration(std::chrono::duration_cast<std::chrono::seconds>(length));
  return format_duration(length);
}

std::string shown_duration(const boost::json::value& of, std::string_view name) {
  const auto* ms = member_of(of, name).if_int64();
  return ms ? shown_milliseconds(*ms) : std::string{};
}

void print_body(session& with, const std::string& body) { with.out << body << (body.ends_with('\n') ? "" : "\n"); }

} // namespace penstock::node
