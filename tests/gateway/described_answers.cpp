#include "tests/gateway/described_answers.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "core/rfc3339.hpp"
#include "gateway/openapi.hpp"

namespace penstock::gateway::testing {
namespace {

namespace json = boost::json;

/// How many of its parts stand for anything; nothing: the path is another.
std::optional<int> captures(std::string_view pattern, std::string_view path) {
  int count = 0;
  while (!pattern.empty() && !path.empty()) {
    const auto wanted = pattern.substr(0, pattern.find('/', 1)), given = path.substr(0, path.find('/', 1));
    if (wanted.starts_with("/{"))
      ++count;
    else if (wanted != given)
      return std::nullopt;
    pattern.remove_prefix(wanted.size());
    path.remove_prefix(given.size());
  }
  return pattern.empty() && path.empty() ? std::optional(count) : std::nullopt;
}

bool is_of(std::string_view type, const json::value& value) {
  return (type == "null" && value.is_null()) || (type == "string" && value.is_string()) ||
         (type == "boolean" && value.is_bool()) || (type == "object" && value.is_object()) ||
         (type == "array" && value.is_array()) || (type == "number" && value.is_number()) ||
         (type == "integer" && (value.is_int64() || value.is_uint64()));
}

bool fits_type(const json::value& types, const json::value& value) {
  if (const auto* one = types.if_string())
    return is_of({one->data(), one->size()}, value);
  const auto& all = types.as_array();
  return std::any_of(all.begin(), all.end(), [&](const json::value& each) { return fits_type(each, value); });
}

} // namespace

described_answers::described_answers() : document_(json::parse(openapi_document("https://penstock.test", "0.1.0"))) {}

const json::object* described_answers::operation(std::string_view method, std::string_view target) const {
  const auto path = target.substr(0, target.find('?'));
  std::string key(method);
  std::transform(key.begin(), key.end(), key.begin(), [](char c) { return static_cast<char>(c - 'A' + 'a'); });
  const json::object* found = nullptr;
  int fewest = std::numeric_limits<int>::max();
  for (const auto& each : document_.at("paths").as_object())
    if (const auto count = captures(each.key(), path); count && *count < fewest)
      if (const auto* operation = each.value().as_object().if_contains(key)) {
        found = &operation->as_object();
        fewest = *count;
      }
  return found;
}

std::string described_answers::complaints(std::string_view method, std::string_view target,
                                          const net::http_reply& reply) const {
  const auto* about = reply.status < 400 ? operation(method, target) : nullptr;
  if (about == nullptr)
    return {};
  const auto* success = about->at("responses").as_object().if_contains(std::to_string(reply.status));
  if (success == nullptr)
    return "status " + std::to_string(reply.status) + " is not described\n";
  const auto* content = success->as_object().if_contains("content");
  const auto type = reply.headers.value_or("Content-Type", "");
  if (content == nullptr)
    return reply.body.empty() || reply.status == 302 ? "" : "a body is not described\n";
  const auto& [described, media] = *content->as_object().begin();
  if (type.substr(0, type.find(';')) != described)
    return "it is " + std::string(type) + ", not " + std::string(described) + "\n";
  if (type != "application/json")
    return {};
  std::string all;
  boost::system::error_code malformed;
  const auto body = json::parse(reply.body, malformed);
  if (malformed)
    return "the body is no JSON\n";
  check(media.at("schema").as_object(), body, "", all);
  return all;
}

void described_answers::check(const json::object& schema, const json::value& value, const std::string& where,
                              std::string& complaints) const {
  if (const auto* reference = schema.if_contains("$ref")) {
    const auto& pointer = reference->as_string();
    return check(document_.at_pointer({pointer.data() + 1, pointer.size() - 1}).as_object(), value, where, complaints);
  }
  const auto complain = [&](const std::string& what) { complaints += where + ": " + what + "\n"; };
  if (const auto* types = schema.if_contains("type"); types && !fits_type(*types, value))
    return complain(json::serialize(value).substr(0, 80) + " is no " + json::serialize(*types));
  if (const auto* text = value.if_string(); text && schema.contains("format"))
    if (!parse_rfc3339({text->data(), text->size()}))
      complain(json::serialize(value) + " is no time");
  if (const auto* items = schema.if_contains("items"); items && value.is_array())
    for (const auto& each : value.as_array())
      check(items->as_object(), each, where + "[]", complaints);
  const auto* properties = schema.if_contains("properties");
  if (properties == nullptr || !value.is_object())
    return;
  for (const auto& member : value.as_object())
    if (const auto* known = properties->as_object().if_contains(member.key()))
      check(known->as_object(), member.value(), where + "." + std::string(member.key()), complaints);
    else
      complain(std::string(member.key()) + " is not described");
  if (const auto* required = schema.if_contains("required"))
    for (const auto& name : required->as_array())
      if (!value.as_object().contains(name.as_string()))
        complain(json::serialize(name) + " is missing");
}

} // namespace penstock::gateway::testing
