// Every route, with every kind of caller.
#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "gateway/route_doc.hpp"
#include "tests/gateway/route_fixture.hpp"

namespace penstock::gateway::testing {
namespace {

class route_access : public route_test {
protected:
  void SetUp() override {
    route_test::SetUp();
    own = text_of(ask("POST", "/api/v1/organisations", R"({"name":"own"})", 201).at("id"));
    other = text_of(ask("POST", "/api/v1/organisations", R"({"name":"other"})", 201).at("id"));
  }

  std::string token(const std::string& role, const std::string& organisation = {}) {
    json::object body{{"name", role}, {"role", role}};
    if (!organisation.empty())
      body["organisation_id"] = organisation;
    return text_of(ask("POST", "/api/v1/tokens", json::serialize(body), 201).at("token"));
  }
  net::http_reply send_as(const std::string& token, std::string method, std::string target, std::string body = {}) {
    net::http_server_request request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.body = std::move(body);
    if (token.empty())
      request.headers.add("Cookie", "of=others"); // no token of the fixture's, that is
    else
      request.headers.add("Authorization", "Bearer " + token);
    return send(std::move(request));
  }
  json::value ask_as(const std::string& token, std::string method, std::string target, std::string body = {},
                     int status = 200) {
    const auto reply = send_as(token, method, target, std::move(body));
    EXPECT_EQ(reply.status, status) << method << " " << target << "\n" << reply.body;
    return json::parse(reply.body);
  }
  /// Of nothing that exists, so that a call that is let in changes nothing.
  static std::string path_of(std::string_view pattern) { return filled(pattern, {}); }
  /// With what `things` has for the part up to each `{…}`, else with 999.
  static std::string filled(std::string_view pattern, const std::map<std::string, std::string>& things) {
    std::string path;
    for (std::size_t at = 0; at < pattern.size();) {
      const auto begin = std::min(pattern.find('{', at), pattern.size());
      path += pattern.substr(at, begin - at);
      if (begin == pattern.size())
        break;
      at = pattern.find('}', begin) + 1;
      const auto thing = things.find(std::string(pattern.substr(0, at)));
      path += thing == things.end() ? "999" : thing->second;
    }
    return path;
  }

  struct operation {
    std::string method, pattern;
    access_level level = access_level::anybody;
    bool scoped = false;
  };
  /// What the description of the API says of each: the walks go by it, and it is held against the table.
  std::vector<operation> described() {
    std::vector<operation> all;
    const auto document = ask("GET", "/api/openapi.json");
    for (const auto& path : document.at("paths").as_object())
      for (const auto& each : path.value().as_object()) {
        operation one{std::string(each.key()), std::string(path.key())};
        std::transform(one.method.begin(), one.method.end(), one.method.begin(), [](unsigned char c) {
          return static_cast<char>(std::toupper(c));
        });
        const auto& about = each.value().as_object();
        one.scoped = about.at("x-organisation-tokens").as_bool();
        if (!about.contains("x-role"))
          one.level = about.at("security").as_array().empty() ? access_level::anybody : access_level::loopback;
        else
          for (const auto level : {access_level::viewer, access_level::operating, access_level::admin})
            if (role_name(level) == text_of(about.at("x-role")))
              one.level = level;
        all.push_back(std::move(one));
      }
    EXPECT_EQ(all.size(), routes->routes().size()) << "a route is not described, or is described twice";
    for (const auto& each : routes->routes()) {
      const auto found = std::find_if(all.begin(), all.end(), [&](const operation& one) {
        return one.method == each.method && one.pattern == each.pattern;
      });
      if (found == all.end())
        ADD_FAILURE() << each.method << " " << each.pattern << " is not described";
      else
        EXPECT_TRUE(found->level == each.needs.level && found->scoped == each.needs.scoped) << each.pattern;
    }
    return all;
  }

  /// One that is good for all else that a route asks of it, so that who may call decides.
  static std::string body_for(const operation& one) {
    json::object body;
    const auto* doc = find_doc(one.method, one.pattern);
    for (auto rest = doc == nullptr ? std::string_view{} : doc->body; !rest.empty();) {
      const auto field = take_field(rest);
      if (!field.required && one.method != "PATCH")
        continue;
      auto& value = body[field.name];
      if (field.name == "role")
        value = "viewer";
      else if (field.type == "text")
        value = "correct horse battery";
      else if (field.type == "object")
        value = json::object{};
      else if (field.type == "bool")
        value = true;
      else
        value = 5;
    }
    return body.empty() ? "" : json::serialize(body);
  }

  /// A real thing of an organisation for each `{…}` of the routes that callers of organisations may use.
  std::map<std::string, std::string> things_of(const std::string& organisation) {
    const auto bound = [&](std::string body) {
      return body.insert(body.size() - 1, R"(,"organisation_id":")" + organisation + '"');
    };
    std::map<std::string, std::string> things;
    auto& integration = things["/api/v1/integrations/{id}"] = add_integration(bound(R"({"service":"test"})"));
    authorise(integration);
    provider.reply("GET", "/page", 200, "one");
    ask("POST", "/api/v1/integrations/" + integration + "/fetch", R"({"force":true})", 202);
    settle();
    const auto runs = ask("GET", "/api/v1/integrations/" + integration + "/runs").at("items").as_array();
    things["/api/v1/integrations/{id}/runs/{run}"] = runs.empty() ? "" : text_of(runs[0].at("id"));
    const auto made = [&](const std::string& path, const std::string& body) {
      return text_of(ask("POST", path, bound(body), 201).at("id"));
    };
    things["/api/v1/executions/{id}"] = made("/api/v1/executions", R"({"kind":"test.note","delay_ms":60000})");
    things["/api/v1/tokens/{id}"] = made("/api/v1/tokens", R"({"name":"theirs","role":"viewer"})");
    things["/api/v1/users/{id}"] =
      made("/api/v1/users", R"({"name":"them","password":"correct horse battery","role":"viewer"})");
    things["/api/v1/organisations/{id}"] = organisation;
    return things;
  }
  std::string own, other;
};

TEST_F(route_access, EveryRouteAsksForWhatItsTableSays) {
  struct who {
    std::string token;
    access_level level;
    std::string code; ///< of a 401
  };
  const auto expired =
    text_of(ask("POST", "/api/v1/tokens", R"({"name":"short","role":"admin","expires_in_ms":1000})", 201).at("token"));
  const who callers[] = {{"", access_level::anybody, "token_required"},
                         {"no such token", access_level::anybody, "invalid_token"},
                         {expired, access_level::anybody, "token_expired"},
                         {token("viewer"), access_level::viewer, ""},
                         {token("operator"), access_level::operating, ""},
                         {token("admin"), access_level::admin, ""}};
  clock.advance(std::chrono::seconds(2));
  int asked = 0;
  for (const auto& each : described())
    for (const auto& [caller, level, code] : callers) {
      const auto reply = send_as(caller, each.method, path_of(each.pattern));
      const auto status = reply.status;
      const auto what = each.method + " " + each.pattern + " as level " + std::to_string(static_cast<int>(level));
      ++asked;
      if (each.level == access_level::anybody ||
          (each.level == access_level::loopback && level >= access_level::viewer)) {
        EXPECT_TRUE(status != 401 && (status != 403 || each.pattern.starts_with("/oauth"))) << what << ": " << status;
      } else if (level == access_level::anybody) {
        EXPECT_EQ(status, 401) << what;
        EXPECT_EQ(text_of(json::parse(reply.body).at("code")), code) << what;
      } else if (level < each.level)
        EXPECT_EQ(status, 403) << what;
      else
        EXPECT_TRUE(status != 401 && status != 403) << what << ": " << status;
    }
  EXPECT_GT(asked, 250);
}

TEST_F(route_access, OnTheNodesOwnMachineSomeNeedNoToken) {
  for (const auto& each : described()) {
    if (each.level < access_level::loopback)
      continue;
    net::http_server_request request;
    request.method = each.method;
    request.target = path_of(each.pattern);
    request.is_loopback = true;
    request.headers.add("Cookie", "of=others");
    const auto status = send(std::move(request)).status;
    EXPECT_EQ(status == 401, each.level > access_level::loopback)
      << each.method << " " << each.pattern << ": " << status;
  }
}

TEST_F(route_access, WholeNodeIsClosedToCallersOfAnOrganisation) {
  const auto bound = token("admin", own);
  std::set<std::string> closed;
  for (const auto& each : described()) {
    if (each.level <= access_level::loopback)
      continue;
    const auto reply = send_as(bound, each.method, path_of(each.pattern));
    EXPECT_EQ(reply.status == 403, !each.scoped)
      << each.method << " " << each.pattern << ": " << reply.status << " " << reply.body;
    if (!each.scoped)
      closed.insert(each.pattern);
  }
  EXPECT_TRUE(closed.contains("/api/v1/queues"));
  EXPECT_TRUE(closed.contains("/api/v1/schedules/{name}"));
}

TEST_F(route_access, WhatBelongsToAnotherOrganisationIsNotThere) {
  const auto bound = token("admin", own), theirs = token("admin", other);
  const auto things = things_of(other);
  const auto events = event_types().size();
  int asked = 0;
  for (const auto& each : described()) {
    if (!each.scoped || each.pattern.find('{') == std::string::npos)
      continue;
    ++asked;
    const auto path = filled(each.pattern, things);
    EXPECT_EQ(path.find("/999"), std::string::npos) << "things_of() knows nothing for " << each.pattern;
    const auto reply = send_as(bound, each.method, path, body_for(each));
    EXPECT_EQ(reply.status, 404) << each.method << " " << path << ": " << reply.body;
    if (each.method == "GET") {
      EXPECT_EQ(send_as(theirs, each.method, path).status, 200) << path << " is real";
    }
  }
  EXPECT_GT(asked, 20);
  EXPECT_EQ(event_types().size(), events) << "nothing was changed";
  // Nor through a thing of one's own.
  const auto mine = add_integration(R"({"service":"test","organisation_id":")" + own + R"("})");
  EXPECT_EQ(send_as(bound, "GET", "/api/v1/integrations/" + mine).status, 200);
  EXPECT_EQ(
    send_as(bound, "GET", "/api/v1/integrations/" + mine + "/runs/" + things.at("/api/v1/integrations/{id}/runs/{run}"))
      .status,
    404);
}

TEST_F(route_access, ListsHoldNothingOfAnotherOrganisation) {
  const auto bound = token("admin", own);
  things_of(other);
  EXPECT_TRUE(ask_as(bound, "GET", "/api/v1/integrations").at("items").as_array().empty());
  EXPECT_TRUE(ask_as(bound, "GET", "/api/v1/executions").at("items").as_array().empty());
  EXPECT_TRUE(ask_as(bound, "GET", "/api/v1/events").at("items").as_array().empty());
  EXPECT_TRUE(ask_as(bound, "GET", "/api/v1/users").at("items").as_array().empty());
  EXPECT_EQ(ask_as(bound, "GET", "/api/v1/tokens").at("items").as_array().size(), 1u) << "its own";
  EXPECT_EQ(ask_as(bound, "GET", "/api/v1/organisations").at("items").as_array().size(), 1u);
  EXPECT_EQ(ask_as(bound, "POST", "/api/v1/executions/bulk", R"({"action":"cancel","filter":{},"preview":true})")
              .at("matched")
              .as_int64(),
            0);
  EXPECT_EQ(send_as(bound, "GET", "/api/v1/integrations?organisation=" + other).status, 400);
}

TEST_F(route_access, WhatACallerOfAnOrganisationMakesIsOfThatOne) {
  const auto bound = token("operator", own);
  const auto made = ask_as(bound, "POST", "/api/v1/integrations", R"({"service":"test"})", 201);
  EXPECT_EQ(text_of(made.at("organisation_id")), own);
  EXPECT_EQ(
    send_as(bound, "POST", "/api/v1/integrations", R"({"service":"test","organisation_id":")" + other + R"("})").status,
    400);
  // test.step may be anything: only kinds that touch nothing but their args are theirs to enqueue.
  EXPECT_EQ(send_as(bound, "POST", "/api/v1/executions", R"({"kind":"test.step","args":{"name":"x"}})").status, 403);
  EXPECT_EQ(
    send_as(bound, "POST", "/api/v1/executions", R"([{"kind":"test.note","organisation_id":")" + other + R"("}])")
      .status,
    403);
  EXPECT_EQ(
    send_as(bound, "POST", "/api/v1/executions", R"({"kind":"test.note","group_key":")" + other + R"(/a"})").status,
    403);
  const auto id = text_of(ask_as(bound, "POST", "/api/v1/executions", R"({"kind":"test.note"})", 201).at("id"));
  const auto job = ask_as(bound, "GET", "/api/v1/executions/" + id);
  EXPECT_EQ(text_of(job.at("organisation_id")), own);
  EXPECT_TRUE(text_of(job.at("triggered_by")).ends_with(" (operator)")) << text_of(job.at("triggered_by"));
  EXPECT_EQ(send_as(bound, "POST", "/api/v1/executions", R"({"kind":"test.note","queue":"mine"})").status, 403)
    << "queues are the node's";
  EXPECT_EQ(send_as(bound, "POST", "/api/v1/executions", R"({"kind":"no.such"})").status, 400)
    << "a mistyped name is told as one";
}

TEST_F(route_access, OrganisationThatIsNoneIsRefused) {
  EXPECT_EQ(problem("POST", "/api/v1/integrations", R"({"service":"test","organisation_id":"12345"})", 400),
            "invalid_argument");
}

} // namespace
} // namespace penstock::gateway::testing
