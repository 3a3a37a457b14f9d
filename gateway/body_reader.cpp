#include "gateway/body_reader.hpp"

#include <algorithm>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "core/id_text.hpp"
#include "core/nearest_name.hpp"
#include "core/quotable.hpp"
#include "core/rfc3339.hpp"

namespace penstock::gateway {
namespace {

namespace json = boost::json;

std::string_view view_of(json::string_view text) { return {text.data(), text.size()}; }

} // namespace

body_reader::body_reader(std::string_view body) {
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos)
    return;
  boost::system::error_code malformed;
  auto value = json::parse({body.data(), body.size()}, malformed);
  if (malformed)
    refuse("the body is not JSON: " + malformed.message());
  else if (auto* object = value.if_object())
    object_ = std::move(*object);
  else
    refuse("the body must be a JSON object");
}

const json::value* body_reader::find(std::string_view name) {
  known_.emplace_back(name);
  const auto* value = object_.if_contains({name.data(), name.size()});
  return value != nullptr && !value->is_null() ? value : nullptr;
}

std::optional<std::string> body_reader::text(std::string_view name, std::size_t longest) {
  const auto* value = find(name);
  if (value == nullptr)
    return std::nullopt;
  const auto* text = value->if_string();
  if (text == nullptr || text->size() > longest) {
    refuse(std::string(name) + " is a string of at most " + std::to_string(longest) + " bytes");
    return std::nullopt;
  }
  return std::string(text->data(), text->size());
}

std::optional<std::int64_t> body_reader::integer(std::string_view name, std::int64_t least, std::int64_t most) {
  const auto* value = find(name);
  if (value == nullptr)
    return std::nullopt;
  const auto* number = value->if_int64();
  if (number == nullptr || *number < least || *number > most) {
    refuse(std::string(name) + " is a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return std::nullopt;
  }
  return *number;
}

std::optional<bool> body_reader::boolean(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr)
    return std::nullopt;
  const auto* truth = value->if_bool();
  if (truth == nullptr) {
    refuse(std::string(name) + " is true or false");
    return std::nullopt;
  }
  return *truth;
}

std::optional<std::int64_t> body_reader::id(std::string_view name) {
  const auto digits = text(name);
  if (!digits)
    return std::nullopt;
  const auto value = parse_id_value(*digits);
  if (!value) {
    refuse(std::string(name) + ": " + value.error().message);
    return std::nullopt;
  }
  return *value;
}

std::optional<timestamp> body_reader::moment(std::string_view name) {
  const auto given = text(name);
  if (!given)
    return std::nullopt;
  const auto parsed = parse_rfc3339(*given);
  if (!parsed) {
    refuse(std::string(name) + ": " + parsed.error().message);
    return std::nullopt;
  }
  return *parsed;
}

std::optional<std::string> body_reader::object(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr)
    return std::nullopt;
  if (!value->is_object()) {
    refuse(std::string(name) + " is a JSON object");
    return std::nullopt;
  }
  return json::serialize(*value);
}

const json::array* body_reader::array(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr)
    return nullptr;
  if (!value->is_array())
    refuse(std::string(name) + " is a list");
  return value->if_array();
}

bool body_reader::is_null(std::string_view name) const {
  const auto* value = object_.if_contains({name.data(), name.size()});
  return value != nullptr && value->is_null();
}

void body_reader::refuse(std::string what) {
  if (!problem_)
    problem_ = error{error_code::invalid_argument, std::move(what)};
}

std::optional<error> body_reader::problem() {
  for (const auto& [name, value] : object_) {
    const auto given = view_of(name);
    if (std::find(known_.begin(), known_.end(), given) == known_.end())
      // Before all else: a mistyped name is why another one is missing.
      return error{error_code::invalid_argument,
                   "there is no field '" + quotable(given, 40) + "' here" + did_you_mean_or_all(given, known_)};
  }
  return problem_;
}

} // namespace penstock::gateway
