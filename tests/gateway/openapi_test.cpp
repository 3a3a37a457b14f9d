// The description of the API against the API.
#include <algorithm>
#include <set>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "core/id_text.hpp"
#include "gateway/route_doc.hpp"
#include "tests/gateway/route_fixture.hpp"

namespace penstock::gateway::testing {
namespace {

using names = std::set<std::string>;

names names_of(std::string_view fields) {
  names all;
  while (!fields.empty())
    all.insert(std::string(take_field(fields).name));
  return all;
}

/// "…: it takes a, b, c" at the end of a refusal.
names listed_in(const std::string& detail) {
  constexpr std::string_view lead = ": it takes ";
  names all;
  auto at = detail.find(lead);
  if (at == std::string::npos)
    return all;
  for (at += lead.size(); at < detail.size();) {
    const auto end = std::min(detail.find(", ", at), detail.size());
    all.insert(detail.substr(at, end - at));
    at = end + 2;
  }
  return all;
}

class openapi : public route_test {
protected:
  static std::string path_of(std::string_view pattern) {
    std::string path(pattern);
    for (const std::string_view capture : {"{id}", "{name}", "{run}", "{service}"})
      if (const auto at = path.find(capture); at != std::string::npos)
        path.replace(at, capture.size(), "999");
    return path;
  }
  std::string detail(const route& each, const std::string& query, const std::string& body) {
    const auto reply = send(std::string(each.method), path_of(each.pattern) + query, body);
    boost::system::error_code malformed;
    const auto told = json::parse(reply.body, malformed);
    const auto* object = told.if_object();
    return !malformed && object && object->contains("detail") ? text_of(object->at("detail")) : "";
  }
  json::object document() { return ask("GET", "/api/openapi.json").as_object(); }
};

TEST_F(openapi, DescribesEveryRouteAndNoOther) {
  names served, described;
  for (const auto& each : routes->routes()) {
    EXPECT_NE(find_doc(each.method, each.pattern), nullptr) << each.method << " " << each.pattern;
    served.insert(std::string(each.method) + " " + std::string(each.pattern));
  }
  for (const auto docs : {execution_docs(), integration_docs(), schedule_docs(), access_docs()})
    for (const auto& each : docs) {
      EXPECT_TRUE(described.insert(std::string(each.method) + " " + std::string(each.pattern)).second) << each.pattern;
      EXPECT_FALSE(each.summary.empty()) << each.pattern;
    }
  EXPECT_EQ(described, served);
}

TEST_F(openapi, ParametersAreThoseThatARouteReads) {
  for (const auto& each : routes->routes()) {
    if (!each.takes_query || each.pattern.starts_with("/oauth/"))
      continue;
    const auto told = detail(each, "?qqqqqqqqqqqq=1", "");
    EXPECT_EQ(listed_in(told), names_of(find_doc(each.method, each.pattern)->query))
      << each.method << " " << each.pattern << ": " << told;
  }
}

TEST_F(openapi, FieldsOfABodyAreThoseThatARouteReads) {
  int read = 0;
  for (const auto& each : routes->routes()) {
    if (each.method == "GET" || each.method == "DELETE" || each.pattern == "/api/v1/executions")
      continue;
    const auto told = detail(each, "", R"({"qqqqqqqqqqqq":1})");
    const auto documented = names_of(find_doc(each.method, each.pattern)->body);
    if (documented.empty() || documented.contains("anything"))
      continue;
    ++read;
    EXPECT_EQ(listed_in(told), documented) << each.method << " " << each.pattern << ": " << told;
  }
  EXPECT_GE(read, 12);
}

TEST_F(openapi, FieldsOfANewJobAreThoseThatAreRead) {
  const auto told = text_of(ask("POST", "/api/v1/executions", R"({"qqqqqqqqqqqq":1})", 400).at("detail"));
  const auto begin = told.find('(') + 1;
  names listed;
  for (auto at = begin; at < told.size();) {
    const auto end = std::min({told.find(", ", at), told.find(')', at), told.size()});
    listed.insert(told.substr(at, end - at));
    if (told[end] == ')')
      break;
    at = end + 2;
  }
  EXPECT_EQ(listed, names_of(find_doc("POST", "/api/v1/executions")->body)) << told;
}

/// A kind whose jobs have a row in error.
connectors::connector wrong_connector() {
  connectors::connector made;
  made.name = "wrong";
  auto kind = job_kind::process("wrong.rows");
  kind.queue = "default";
  made.handlers.push_back({kind, connectors::process_handler([](connectors::process_context&) {
                             unit_of_work unit;
                             unit.row_errors.push_back({"points", "a", "no date"});
                             return result<unit_of_work>(std::move(unit));
                           })});
  return made;
}

class openapi_schemas : public openapi {
protected:
  std::vector<connectors::connector> enabled_connectors() override {
    auto enabled = openapi::enabled_connectors();
    enabled.push_back(wrong_connector());
    return enabled;
  }
  json::value first(const std::string& path) {
    const auto items = ask("GET", path).at("items").as_array();
    EXPECT_FALSE(items.empty()) << path;
    return items.empty() ? json::value(json::object{}) : items[0];
  }
};

TEST_F(openapi_schemas, AnswersHaveTheFieldsOfTheirSchemas) {
  const auto organisation = text_of(ask("POST", "/api/v1/organisations", R"({"name":"o"})", 201).at("id"));
  const auto integration = add_integration(R"({"service":"test","organisation_id":")" + organisation + R"("})");
  authorise(integration);
  provider.reply("GET", "/page", 200, "one");
  ask("POST", "/api/v1/integrations/" + integration + "/fetch", R"({"force":true})", 202);
  settle();
  const auto run = first("/api/v1/integrations/" + integration + "/runs");
  const auto fetched = first("/api/v1/executions?kind=test.fetch");
  unit_of_work cursor;
  cursor.changes.push_back(reset_cursor{integration_id{std::stoll(integration)}, "s", "{}"});
  EXPECT_TRUE(commit(std::move(cursor)));
  job_request rows;
  rows.kind = "wrong.rows";
  rows.integration = integration_id{std::stoll(integration)};
  const auto talked = enqueue(std::move(rows)).id;
  unit_of_work line;
  line.logs.push_back({.job = talked, .attempt = 1, .at = clock.now(), .message = "a line"});
  EXPECT_TRUE(commit(std::move(line)));
  ask("POST", "/api/v1/schedules", R"({"name":"s","cron":"0 4 * * *","kind":"test.note"})", 201);
  ask("POST", "/api/v1/schedules/s/trigger", "", 202);
  const auto token = text_of(ask("POST", "/api/v1/tokens", R"({"name":"t","role":"viewer"})", 201).at("id"));
  const auto user = text_of(
    ask("POST", "/api/v1/users", R"({"name":"u","password":"correct horse battery","role":"viewer"})", 201).at("id"));
  settle();
  struct row {
    std::string schema;
    json::value shown;
    names may_lack;
  };
  const row rows_of_all[] = {
    {"execution", ask("GET", "/api/v1/executions/" + text_of(fetched.at("id"))), {}},
    {"log_line", first("/api/v1/executions/" + penstock::to_string(talked) + "/logs"), {}},
    {"exchange", first("/api/v1/executions/" + text_of(fetched.at("id")) + "/exchanges"),
     {"request_body", "response_body"}}, // those of jobs that keep them
    {"queue", ask("GET", "/api/v1/queues/default"), {}},
    {"queue_health", ask("GET", "/api/v1/queues/default/health"), {}},
    {"integration", ask("GET", "/api/v1/integrations/" + integration), {}},
    {"cursor", first("/api/v1/integrations/" + integration + "/cursors"), {}},
    {"row_error", first("/api/v1/integrations/" + integration + "/row-errors"), {}},
    {"run", run, {}},
    {"schedule", ask("GET", "/api/v1/schedules/s"), {"every"}},
    {"occurrence", first("/api/v1/schedules/s/occurrences"), {}},
    {"event", first("/api/v1/events?type=integration.*"), {}},
    {"organisation", ask("GET", "/api/v1/organisations/" + organisation), {}},
    {"token", ask("GET", "/api/v1/tokens/" + token), {}},
    {"user", ask("GET", "/api/v1/users/" + user), {}},
    {"audit_entry", first("/api/v1/audit"), {}},
  };
  names shown_ones;
  for (const auto& [schema, shown, may_lack] : rows_of_all) {
    shown_ones.insert(schema);
    const auto all = schema_docs();
    const auto found =
      std::find_if(all.begin(), all.end(), [&](const schema_doc& each) { return each.name == schema; });
    ASSERT_NE(found, all.end()) << schema;
    names keys = may_lack;
    for (const auto& member : shown.as_object())
      keys.insert(std::string(member.key()));
    EXPECT_EQ(keys, names_of(found->fields)) << schema;
  }
  for (const auto& each : schema_docs())
    EXPECT_TRUE(shown_ones.contains(std::string(each.name))) << each.name << " is shown by no answer of this test";
}

TEST_F(openapi, SaysWhatMayBeLeftOutOrNull) {
  const auto all = document();
  const auto body = [&](const std::string& path, const std::string& method) {
    return all.at("paths").at(path).at(method).at("requestBody");
  };
  const auto types = [&](const std::string& path, const std::string& field) {
    return json::serialize(
      body(path, "patch").at("content").at("application/json").at("schema").at("properties").at(field).at("type"));
  };
  EXPECT_TRUE(body("/api/v1/executions", "post").at("required").as_bool());
  EXPECT_FALSE(body("/api/v1/integrations/{id}/fetch", "post").at("required").as_bool());
  EXPECT_TRUE(body("/webhooks/{service}", "post").at("content").as_object().contains("*/*"));
  EXPECT_EQ(types("/api/v1/integrations/{id}", "update_frequency_minutes"), R"(["integer","null"])");
  EXPECT_EQ(types("/api/v1/schedules/{name}", "catch_up_ms"), R"(["integer","null"])");
  EXPECT_EQ(types("/api/v1/schedules/{name}", "weekdays"), R"(["array","null"])");
}

TEST_F(openapi, NamesEachStatusOfSuccess) {
  const auto all = document();
  const auto statuses = [&](const std::string& path) {
    names told;
    for (const auto& each : all.at("paths").at(path).at("post").at("responses").as_object())
      told.insert(std::string(each.key()));
    return told;
  };
  for (const std::string path : {"/api/v1/executions/{id}/cancel", "/api/v1/queues/{name}/work-once",
                                 "/api/v1/schedules/{name}/trigger", "/api/v1/schedules/{name}/backfill"})
    EXPECT_EQ(statuses(path), (names{"200", "202", "default"})) << path;
}

TEST_F(openapi, EveryReferenceLeadsSomewhereAndEveryOperationHasANameOfItsOwn) {
  const auto all = document();
  EXPECT_EQ(text_of(all.at("openapi")), "3.1.0");
  const auto written = json::serialize(all);
  const std::string lead = "\"#/components/";
  for (auto at = written.find(lead); at != std::string::npos; at = written.find(lead, at + 1)) {
    const auto end = written.find('"', at + 1);
    const auto pointer = written.substr(at + 2, end - at - 2);
    boost::system::error_code missing;
    EXPECT_NE(json::value(all).find_pointer(pointer, missing), nullptr) << pointer;
  }
  names ids;
  for (const auto& path : all.at("paths").as_object())
    for (const auto& operation : path.value().as_object())
      EXPECT_TRUE(ids.insert(text_of(operation.value().at("operationId"))).second) << path.key();
  EXPECT_GT(ids.size(), 50u);
}

TEST_F(openapi, SaysWhichRoleARouteNeeds) {
  const auto paths = document().at("paths").as_object();
  EXPECT_EQ(text_of(paths.at("/api/v1/queues/{name}/pause").at("post").at("x-role")), "operator");
  EXPECT_EQ(text_of(paths.at("/api/v1/tokens").at("post").at("x-role")), "admin");
  EXPECT_TRUE(paths.at("/oauth/{service}/start").at("get").at("security").as_array().empty());
  const auto cookie = document().at("components").at("securitySchemes").at("session");
  EXPECT_EQ(text_of(cookie.at("name")), "__Host-penstock");
  EXPECT_EQ(json::serialize(paths.at("/healthz").at("get").at("security")), R"([{},{"bearer":[]},{"session":[]}])");
}

} // namespace
} // namespace penstock::gateway::testing
