#include "gateway/openapi.hpp"

#include <algorithm>
#include <string>

#include <boost/json.hpp>

#include "gateway/api_tables.hpp"
#include "gateway/replies.hpp"
#include "gateway/route_doc.hpp"
#include "gateway/service_desk.hpp"
#include "gateway/session_cookie.hpp"

namespace penstock::gateway {
namespace {

namespace json = boost::json;

json::string text(std::string_view value) { return json::string(value.data(), value.size()); }

json::object typed(std::string_view type) {
  if (type.starts_with('['))
    return {{"type", "array"}, {"items", typed(type.substr(1, type.size() - 2))}};
  if (type == "int")
    return {{"type", "integer"}};
  if (type == "ms")
    return {{"type", "integer"}, {"description", "milliseconds"}};
  if (type == "number")
    return {{"type", "number"}};
  if (type == "bool")
    return {{"type", "boolean"}};
  if (type == "time")
    return {{"type", "string"}, {"format", "date-time"}};
  if (type == "object")
    return {{"type", "object"}};
  if (type == "json")
    return {{"description", "any JSON"}};
  return {{"type", "string"}}; // text, id
}

json::object schema_of(const documented_field& field) {
  auto schema = typed(field.type);
  if (field.nullable && schema.contains("type"))
    schema["type"] = json::array{schema["type"], "null"};
  return schema;
}

json::object object_of(std::string_view fields) {
  json::object properties;
  json::array required;
  while (!fields.empty()) {
    const auto field = take_field(fields);
    properties[field.name] = schema_of(field);
    if (field.required)
      required.push_back(text(field.name));
  }
  json::object schema{{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty())
    schema["required"] = std::move(required);
  return schema;
}

json::object reference_to(std::string_view kind, std::string_view name) {
  return {{"$ref", "#/components/" + std::string(kind) + "/" + std::string(name)}};
}

json::object reference(std::string_view schema) { return reference_to("schemas", schema); }

json::object page_of(std::string_view schema) {
  return {{"type", "object"},
          {"required", json::array{"items", "next_cursor"}},
          {"properties",
           {{"items", {{"type", "array"}, {"items", reference(schema)}}},
            {"next_cursor", {{"type", json::array{"string", "null"}}}}}}};
}

json::object content_of(std::string_view answer) {
  constexpr std::string_view page = "page ";
  if (answer == "html")
    return {{"text/html", {{"schema", typed("text")}}}};
  if (answer == "events")
    return {{"text/event-stream", {{"schema", typed("text")}}}};
  json::object schema;
  if (answer.starts_with(page))
    schema = page_of(answer.substr(page.size()));
  else if (answer.starts_with('{'))
    schema = object_of(answer.substr(1, answer.size() - 2));
  else
    schema = answer == "object" ? typed("object") : reference(answer);
  return {{"application/json", {{"schema", std::move(schema)}}}};
}

json::object parameter(std::string_view name, std::string_view in, bool required, json::object schema) {
  return {{"name", text(name)}, {"in", text(in)}, {"required", required}, {"schema", std::move(schema)}};
}

json::array parameters_of(const route& each, const route_doc& doc) {
  json::array all;
  for (auto rest = each.pattern; rest.find('{') != std::string_view::npos;) {
    rest.remove_prefix(rest.find('{') + 1);
    all.push_back(parameter(rest.substr(0, rest.find('}')), "path", true, typed("text")));
  }
  for (auto rest = doc.query; !rest.empty();) {
    const auto field = take_field(rest);
    all.push_back(parameter(field.name, "query", field.required, schema_of(field)));
  }
  if (each.method != "GET" && !each.tells_secret && !each.foreign)
    all.push_back(parameter("Idempotency-Key", "header", false, {{"type", "string"}, {"maxLength", 255}}));
  if (each.edits)
    all.push_back(parameter("If-Match", "header", false, typed("text")));
  return all;
}

/// "POST /api/v1/queues/{name}/pause" -> "post_queues_name_pause".
std::string operation_id(const route& each) {
  constexpr std::string_view prefix = "/api/v1";
  std::string id;
  for (const char c : each.method)
    id.push_back(static_cast<char>(c - 'A' + 'a'));
  auto path = each.pattern;
  if (path.starts_with(prefix))
    path.remove_prefix(prefix.size());
  for (const char c : path)
    if (c == '/' || c == '-' || c == '.')
      id.push_back('_');
    else if (c != '{' && c != '}')
      id.push_back(c);
  return id;
}

/// What must be sent is required, and a body with it.
json::object body_of(const route& each, const route_doc& doc) {
  if (doc.body == "anything")
    return {{"description", "as the provider sends it, of any type"},
            {"content", {{"*/*", {{"schema", json::object{}}}}}}};
  json::object schema = object_of(doc.body);
  const bool required = schema.contains("required");
  if (each.pattern == "/api/v1/executions")
    schema = {{"oneOf", json::array{schema, json::object{{"type", "array"}, {"items", schema}, {"maxItems", 10'000}}}}};
  return {{"required", required}, {"content", {{"application/json", {{"schema", std::move(schema)}}}}}};
}

json::object responses_of(const route_doc& doc) {
  json::object success{{"description", text(doc.summary)}};
  if (!doc.answer.empty() && doc.status != 302)
    success["content"] = content_of(doc.answer);
  json::object all;
  if (doc.also != 0)
    all[std::to_string(doc.also)] = success;
  all[std::to_string(doc.status)] = std::move(success);
  // Pages are for people, also where something went wrong.
  all["default"] = reference_to("responses", doc.answer == "html" ? "page" : "problem");
  return all;
}

/// By a token, or by the cookie of somebody who signed in; what is open on the node's own machine also by neither.
json::array security_of(access_level needs) {
  json::array any;
  if (needs == access_level::anybody)
    return any;
  if (needs == access_level::loopback)
    any.emplace_back(json::object{});
  for (const auto* scheme : {"bearer", "session"})
    any.emplace_back(json::object{{scheme, json::array{}}});
  return any;
}

json::object operation(const route& each, const route_doc& doc) {
  json::object described{{"operationId", operation_id(each)}, {"summary", text(doc.summary)}};
  if (auto parameters = parameters_of(each, doc); !parameters.empty())
    described["parameters"] = std::move(parameters);
  if (!doc.body.empty())
    described["requestBody"] = body_of(each, doc);
  described["responses"] = responses_of(doc);
  described["security"] = security_of(each.needs.level);
  if (const auto role = role_name(each.needs.level); !role.empty())
    described["x-role"] = text(role);
  described["x-organisation-tokens"] = each.needs.scoped;
  return described;
}

json::object components(std::string_view public_url) {
  json::object schemas;
  for (const auto& each : schema_docs())
    schemas[each.name] = object_of(each.fields);
  schemas["problem"] = object_of("type:text! title:text! status:int! detail:text! code:text! request_id:text");
  return {{"schemas", std::move(schemas)},
          {"responses",
           {{"problem",
             {{"description", "What went wrong (RFC 9457), with a stable code."},
              {"content", {{"application/problem+json", {{"schema", reference("problem")}}}}}}},
            {"page", {{"description", "What went wrong, for a person."}, {"content", content_of("html")}}}}},
          {"securitySchemes",
           {{"bearer", {{"type", "http"}, {"scheme", "bearer"}}},
            {"session",
             {{"type", "apiKey"},
              {"in", "cookie"},
              {"name", text(session_cookie_name(public_url))},
              {"description", "Of somebody who signed in (POST /api/v1/session). A request other than GET must come from "
                              "a page of the node."}}}}}};
}

answer describe(service_desk& desk, call&) { co_return json_reply(openapi_document(desk.public_url, desk.version)); }

} // namespace

std::string openapi_document(std::string_view public_url, std::string_view version) {
  json::object paths;
  for (const auto& table : api_tables())
    for (const auto& each : table) {
      const auto* doc = find_doc(each.method, each.pattern);
      if (doc == nullptr)
        continue; // a test finds none
      std::string method(each.method);
      std::transform(method.begin(), method.end(), method.begin(),
                     [](char c) { return static_cast<char>(c - 'A' + 'a'); });
      auto& path = paths[each.pattern];
      if (!path.is_object())
        path = json::object{};
      path.as_object()[method] = operation(each, *doc);
    }
  const json::object all{{"openapi", "3.1.0"},
                         {"info",
                          {{"title", "Penstock"},
                           {"version", text(version)},
                           {"summary", "Jobs, queues, schedules and integrations of a Penstock node."},
                           {"license", {{"name", "MIT"}, {"identifier", "MIT"}}}}},
                         {"servers", json::array{json::object{{"url", text(public_url)}}}},
                         {"security", security_of(access_level::viewer)},
                         {"paths", std::move(paths)},
                         {"components", components(public_url)}};
  return json::serialize(all);
}

std::span<const route> openapi_routes() {
  static constexpr route table[] = {
    {"GET", "/api/openapi.json", access_level::loopback, describe},
  };
  return table;
}

} // namespace penstock::gateway
