#include "connectors/args_reader.hpp"

#include <algorithm>
#include <utility>

#include <boost/json/parse.hpp>

#include "core/nearest_name.hpp"
#include "core/rfc3339.hpp"

namespace penstock::connectors {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const auto& name : names)
    all += (all.empty() ? "" : ", ") + name;
  return all.empty() ? "nothing" : all;
}

} // namespace

args_reader::args_reader(std::string owner, std::string_view text, std::vector<std::string> allowed)
    : owner_(std::move(owner)), allowed_(std::move(allowed)) {
  boost::system::error_code broken;
  auto parsed = boost::json::parse(text.empty() ? "{}" : text, broken);
  if (broken || !parsed.is_object()) {
    refuse("a JSON object is needed");
    return;
  }
  object_ = std::move(parsed.get_object());
  for (const auto& member : object_) {
    const std::string_view key = member.key();
    if (std::find(allowed_.begin(), allowed_.end(), key) == allowed_.end())
      refuse("unknown key '" + std::string(key.substr(0, 60)) + "'" + did_you_mean(key, allowed_) + ": allowed is " +
             joined(allowed_));
  }
}

void args_reader::refuse(std::string what) {
  if (!problem_)
    problem_ = error{error_code::invalid_argument, owner_ + ": " + std::move(what)};
}

const boost::json::value* args_reader::find(std::string_view key, bool required) {
  const auto* found = object_.if_contains(key);
  if (!found && required)
    refuse("'" + std::string(key) + "' is missing: allowed is " + joined(allowed_));
  return found;
}

std::int64_t args_reader::integer(std::string_view key, std::int64_t least, std::int64_t most,
                                  std::optional<std::int64_t> absent) {
  const auto* found = find(key, !absent);
  if (!found)
    return absent.value_or(least);
  const auto* value = found->if_int64();
  if (!value || *value < least || *value > most) {
    refuse("'" + std::string(key) + "' must be a whole number from " + std::to_string(least) + " to " +
           std::to_string(most));
    return least;
  }
  return *value;
}

std::string args_reader::text(std::string_view key, std::optional<std::string> absent) {
  const auto* found = find(key, !absent);
  if (!found)
    return absent.value_or(std::string());
  const auto* value = found->if_string();
  if (!value) {
    refuse("'" + std::string(key) + "' must be a string");
    return {};
  }
  return std::string(*value);
}

std::string args_reader::id_text(std::string_view key) {
  const auto* found = find(key, true);
  if (found && found->is_int64())
    return std::to_string(found->get_int64());
  if (found && found->is_uint64())
    return std::to_string(found->get_uint64());
  if (found && found->is_double())
    refuse("'" + std::string(key) + "' must be a text: write it in quotes, as JSON does");
  return found ? text(key) : std::string();
}

bool args_reader::boolean(std::string_view key, std::optional<bool> absent) {
  const auto* found = find(key, !absent);
  if (!found)
    return absent.value_or(false);
  const auto* value = found->if_bool();
  if (!value)
    refuse("'" + std::string(key) + "' must be true or false");
  return value && *value;
}

std::vector<std::string> args_reader::texts(std::string_view key) {
  std::vector<std::string> all;
  const auto* found = find(key, false);
  if (!found)
    return all;
  if (const auto* list = found->if_array())
    for (const auto& item : *list)
      if (const auto* value = item.if_string(); value && !value->empty())
        all.emplace_back(*value);
  const auto* list = found->if_array();
  if (!list || all.size() != list->size())
    refuse("'" + std::string(key) + "' must be a list of strings that are not empty");
  return all;
}

timestamp args_reader::time(std::string_view key) {
  const auto value = text(key, "");
  if (value.empty())
    return no_time;
  const auto moment = parse_rfc3339(value);
  if (moment)
    return *moment;
  refuse("'" + std::string(key) + "' must be a time such as 2024-01-31T00:00:00Z");
  return no_time;
}

void put_if_any(boost::json::object& args, std::string_view key, const std::string& value) {
  if (!value.empty())
    args[key] = value;
}

void put_if_any(boost::json::object& args, std::string_view key, timestamp value) {
  if (value != no_time)
    args[key] = format_rfc3339(value);
}

} // namespace penstock::connectors
