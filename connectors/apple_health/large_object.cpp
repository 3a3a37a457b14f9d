#include "connectors/apple_health/large_object.hpp"

#include <algorithm>
#include <utility>

#include "connectors/apple_health/export_time.hpp"
#include "connectors/apple_health/metric_point.hpp"
#include "connectors/apple_health/small_json.hpp"

namespace penstock::connectors::apple_health {
namespace {

constexpr std::size_t part_bytes = 64 * 1024;

constexpr std::string_view left_out_name = "_left_out";

void note(std::string& problem, std::string_view key, std::string_view what) {
  if (problem.empty())
    problem = "'" + std::string(key) + "' " + std::string(what);
}

} // namespace

void large_object::long_text::append(std::string_view text) {
  if (parts_.empty() || parts_.back().size() + text.size() > part_bytes)
    parts_.emplace_back();
  parts_.back() += text;
  size_ += text.size();
}

void large_object::long_text::move_to(std::string& out) {
  for (; !parts_.empty(); parts_.pop_front())
    out += parts_.front();
  size_ = 0;
}

const std::string& large_object::long_text::front() const {
  static const std::string none;
  return parts_.empty() ? none : parts_.front();
}

std::string large_object::read(json_walk& walk, std::size_t most) {
  most_ = most;
  if (walk.next_is() != json_walk::value::object) {
    walk.skip_value();
    return "not an object";
  }
  walk.open();
  container_walk at;
  std::string name;
  while (walk.next_member(at, name)) {
    settle_name(name);
    const auto kind = walk.next_is();
    if (!problem_.empty() || (kind == json_walk::value::list && without_lists_)) {
      if (kind == json_walk::value::list)
        left_out_.push_back(name);
      walk.skip_value();
    } else if (kind == json_walk::value::list) {
      read_list(walk, name);
    } else {
      read_plain(walk, name);
    }
  }
  std::sort(left_out_.begin(), left_out_.end());
  return problem_;
}

/// As it is meant rather than as it is written.
void large_object::settle_name(std::string& name) {
  const auto plain = [](char c) { return c >= ' ' && c < 0x7f && c != '\\'; };
  if (std::all_of(name.begin(), name.end(), plain))
    return;
  auto read = small_text('"' + name + '"');
  if (!read)
    return complain("a name in it cannot be read");
  name = std::move(*read);
}

void large_object::read_list(json_walk& walk, const std::string& name) {
  member list;
  list.is_list = true;
  bool fits = true;
  std::string separated = "[";
  walk.open();
  container_walk at;
  for (std::string element; walk.next_element(at);) {
    if (!fits || !problem_.empty()) {
      walk.skip_value();
      continue;
    }
    fits = walk.copy_value(element, most_of_one);
    if (!fits || walk.problem())
      continue;
    const auto parsed = small_value(element);
    if (!parsed) {
      complain("'" + name + "' has an element that is not JSON");
      continue;
    }
    append_canonical(separated, *parsed);
    list.json.append(separated);
    separated = ",";
    fits = size_ + list.json.size() <= most_;
  }
  if (fits) {
    list.json.append(list.json.size() == 0 ? "[]" : "]");
    size_ += name.size() + list.json.size();
    members_[name] = std::move(list);
  } else {
    left_out_.push_back(name);
    leave_out_lists();
  }
}

void large_object::read_plain(json_walk& walk, const std::string& name) {
  std::string text;
  if (!walk.copy_value(text, most_of_one))
    return complain("'" + name + "' is larger than " + std::to_string(most_of_one) + " bytes");
  if (walk.problem())
    return;
  const auto parsed = small_value(text);
  if (!parsed)
    return complain("'" + name + "' is not JSON");
  member plain;
  std::string spelled;
  append_canonical(spelled, *parsed);
  plain.json.append(spelled);
  size_ += name.size() + plain.json.size();
  members_[name] = std::move(plain);
  if (size_ > most_)
    leave_out_lists();
}

/// The order of members is the app's whim: what is left out must not depend on it, so all lists go.
void large_object::leave_out_lists() {
  without_lists_ = true;
  for (auto at = members_.begin(); at != members_.end();) {
    if (at->second.is_list) {
      size_ -= std::min(size_, at->first.size() + at->second.json.size());
      left_out_.push_back(at->first);
      at = members_.erase(at);
    } else {
      ++at;
    }
  }
  if (size_ > most_)
    complain("it is larger than " + std::to_string(most_) + " bytes, without its lists too");
}

void large_object::complain(std::string what) {
  if (problem_.empty())
    problem_ = std::move(what);
  members_.clear();
}

const std::string* large_object::find(std::string_view key) const {
  const auto found = members_.find(key);
  if (found == members_.end() || found->second.json.front() == "null")
    return nullptr;
  return &found->second.json.front();
}

std::optional<std::string> large_object::text(std::string_view key, std::string& problem) const {
  const auto* json = find(key);
  if (!json)
    return std::nullopt;
  auto read = json->size() <= 6 * longest_label + 2 ? small_text(*json) : std::nullopt;
  if (!read || read->size() > longest_label) {
    note(problem, key, "is not a text of one line, at most " + std::to_string(longest_label) + " bytes");
    return std::nullopt;
  }
  return read;
}

std::optional<timestamp> large_object::time(std::string_view key, std::string& problem) const {
  std::string ignored;
  const auto* json = find(key);
  if (!json)
    return std::nullopt;
  const auto told = text(key, ignored);
  const auto moment = told ? parse_export_time(*told) : std::nullopt;
  if (!moment)
    note(problem, key, "is not a time: 2025-08-12 00:00:00 +0100 is expected");
  return moment;
}

std::optional<double> large_object::number(std::string_view key, std::string& problem) const {
  const auto* json = find(key);
  if (!json)
    return std::nullopt;
  std::string held = *json;
  const auto parsed = small_value(held);
  double read = 0;
  if (!parsed || parsed->get_double().get(read)) {
    note(problem, key, "is not a number");
    return std::nullopt;
  }
  return read;
}

std::optional<large_object::quantity> large_object::amount(std::string_view key, std::string& problem) const {
  const auto* json = find(key);
  if (!json || json->starts_with('['))
    return std::nullopt;
  std::string held = *json;
  const auto parsed = small_value(held);
  quantity read;
  simdjson::dom::object object;
  if (!parsed || parsed->get_object().get(object) || object["qty"].get_double().get(read.qty)) {
    note(problem, key, R"(is not a quantity: {"qty": 1.5, "units": "km"} is expected)");
    return std::nullopt;
  }
  std::string_view units;
  if (!object["units"].get_string().get(units) && !has_control_character(units) && units.size() <= longest_label)
    read.units = units;
  return read;
}

std::string large_object::take_json() {
  if (!left_out_.empty()) {
    std::string names = "[";
    for (const auto& name : left_out_) {
      if (names.size() > 1)
        names += ',';
      append_quoted(names, name);
    }
    names += ']';
    member told;
    told.json.append(names);
    members_[std::string(left_out_name)] = std::move(told);
  }
  std::string json;
  constexpr std::size_t around = 8;
  json.reserve(size_ + around * members_.size() + around);
  json += '{';
  while (!members_.empty()) {
    auto one = members_.extract(members_.begin()); // gone as soon as it is copied
    if (json.size() > 1)
      json += ',';
    append_quoted(json, one.key());
    json += ':';
    one.mapped().json.move_to(json);
  }
  json += '}';
  return json;
}

} // namespace penstock::connectors::apple_health
