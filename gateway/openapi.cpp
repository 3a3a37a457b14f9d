// The description of the API, made of the tables of routes and what route_docs.cpp says of them. OpenAPI 3.1.
#include <algorithm>
#include <string>

#include <boost/json.hpp>

#include "gateway/api_tables.hpp"
#include "gateway/replies.hpp"
#include "gateway/route_doc.hpp"
#include "gateway/service_desk.hpp"

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
  return {{"type", "string"}}; // text, id
}

json::object schema_of(const documented_field& field) {
  auto schema = typed(field.type);
  if (field.nullable)
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

json::object reference(std::string_view schema) { return {{"$ref", "#/components/schemas/" + std::string(schema)}}; }

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

json::object operation(const route& each, const route_doc& doc) {
  json::object described{{"operationId", operation_id(each)}, {"summary", text(doc.summary)}};
  if (auto parameters = parameters_of(each, doc); !parameters.empty())
    described["parameters"] = std::move(parameters);
  if (!doc.body.empty()) {
    json::object schema = object_of(doc.body);
    if (each.pattern == "/api/v1/executions")
      schema = {
        {"oneOf", json::array{schema, json::object{{"type", "array"}, {"items", schema}, {"maxItems", 10'000}}}}};
    described["requestBody"] = {{"content", {{"application/json", {{"schema", std::move(schema)}}}}}};
  }
  json::object success{{"description", text(doc.summary)}};
  if (!doc.answer.empty())
    success["content"] = content_of(doc.answer);
  described["responses"] = {{std::to_string(doc.status), std::move(success)},
                            {"default", {{"$ref", "#/components/responses/problem"}}}};
  if (const auto role = role_name(each.needs.level); role.empty())
    described["security"] = each.needs.level == access_level::anybody
                              ? json::array{}
                              : json::array{json::object{}, json::object{{"bearer", json::array{}}}};
  else
    described["x-role"] = text(role);
  described["x-organisation-tokens"] = each.needs.scoped;
  return described;
}

json::object components() {
  json::object schemas;
  for (const auto& each : schema_docs())
    schemas[each.name] = object_of(each.fields);
  schemas["problem"] = object_of("type:text! title:text! status:int! detail:text! code:text! request_id:text");
  return {{"schemas", std::move(schemas)},
          {"responses",
           {{"problem",
             {{"description", "What went wrong (RFC 9457), with a stable code."},
              {"content", {{"application/problem+json", {{"schema", reference("problem")}}}}}}}}},
          {"securitySchemes", {{"bearer", {{"type", "http"}, {"scheme", "bearer"}}}}}};
}

answer describe(service_desk& desk, call&) {
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
  json::object all{{"openapi", "3.1.0"},
                   {"info",
                    {{"title", "Penstock"},
                     {"version", desk.version},
                     {"summary", "Jobs, queues, schedules and integrations of a Penstock node."},
                     {"license", {{"name", "MIT"}, {"identifier", "MIT"}}}}},
                   {"servers", json::array{json::object{{"url", desk.public_url}}}},
                   {"security", json::array{json::object{{"bearer", json::array{}}}}},
                   {"paths", std::move(paths)},
                   {"components", components()}};
  co_return json_reply(json::serialize(all));
}

} // namespace

std::span<const route> openapi_routes() {
  static constexpr route table[] = {
    {"GET", "/api/openapi.json", access_level::loopback, describe},
  };
  return table;
}

} // namespace penstock::gateway
