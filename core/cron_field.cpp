#include "core/cron_field.hpp"

#include <charconv>
#include <optional>
#include <string>

#include "core/quotable.hpp"

namespace penstock {
namespace {

std::string quoted(std::string_view text) { return "'" + quotable(text, 32) + "'"; }

bool same_name(std::string_view text, std::string_view name) {
  if (text.size() != name.size())
    return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((text[i] | 0x20) != name[i])
      return false;
  return true;
}

} // namespace

tl::unexpected<error> refuse_cron_field(const cron_field_range& range, std::string_view why) {
  std::string message{range.name};
  message += ": ";
  message += why;
  message += " (allowed: " + std::to_string(range.low) + "-" + std::to_string(range.high);
  if (!range.names.empty())
    message += " or " + std::string{range.names.front()} + "-" + std::string{range.names.back()};
  message += ", with ";
  message += range.signs;
  message += ")";
  return failure(error_code::invalid_argument, std::move(message));
}

std::optional<int> cron_number(std::string_view text) {
  int value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  // from_chars takes a minus sign, which no field has.
  if (problem != std::errc{} || end != text.data() + text.size() || text.front() == '-')
    return std::nullopt;
  return value;
}

result<int> parse_cron_value(std::string_view text, const cron_field_range& range) {
  for (std::size_t i = 0; i < range.names.size(); ++i)
    if (same_name(text, range.names[i]))
      return range.low + static_cast<int>(i);
  const auto value = cron_number(text);
  if (!value)
    return refuse_cron_field(range, text.empty() ? "a value is missing" : quoted(text) + " is not a value");
  if (*value < range.low || *value > range.high)
    return refuse_cron_field(range, std::to_string(*value) + " is out of range");
  return *value;
}

namespace {

result<cron_field> parse_item(std::string_view item, const cron_field_range& range) {
  cron_field field;
  int step = 1;
  const auto slash = item.find('/');
  const auto base = item.substr(0, slash);
  if (slash != std::string_view::npos) {
    const auto text = item.substr(slash + 1);
    const auto value = cron_number(text);
    if (!value || *value < 1 || *value > range.high)
      return refuse_cron_field(range,
                               "step " + quoted(text) + " is not a number from 1 to " + std::to_string(range.high));
    step = *value;
    field.repeats = true;
  }
  int first = range.low;
  int last = range.high;
  if (base == "*") {
    field.starts_with_star = true;
    field.repeats = true;
    if (range.last_is_first)
      --last; // 0 and 7 are one day: a step must not count it twice
  } else {
    const auto dash = base.find('-');
    const auto from = parse_cron_value(base.substr(0, dash), range);
    if (!from)
      return tl::unexpected(from.error());
    first = *from;
    if (dash != std::string_view::npos) {
      const auto to = parse_cron_value(base.substr(dash + 1), range);
      if (!to)
        return tl::unexpected(to.error());
      last = *to < first ? *to + range.cycle() : *to;
      field.repeats = true;
    } else if (slash == std::string_view::npos) {
      last = first;
    }
  }
  for (int value = first; value <= last; value += step)
    field.values |= std::uint64_t{1} << (value <= range.high ? value : value - range.cycle());
  return field;
}

} // namespace

result<cron_field> parse_cron_field(std::string_view text, const cron_field_range& range) {
  cron_field field;
  field.starts_with_star = text.starts_with('*');
  while (true) {
    const auto comma = text.find(',');
    const auto item = parse_item(text.substr(0, comma), range);
    if (!item)
      return item;
    field.values |= item->values;
    field.repeats |= item->repeats;
    if (comma == std::string_view::npos)
      return field;
    text.remove_prefix(comma + 1);
  }
}

} // namespace penstock
