#include "gateway/router.hpp"

#include <set>

#include <boost/asio/co_spawn.hpp>
#include <boost/json/parse.hpp>

#include "tests/gateway/route_fixture.hpp"

namespace penstock::gateway::testing {
namespace {

class router : public route_test {};

TEST_F(router, FindsTheRouteOfAPathAndWhatItCaptures) {
  struct row {
    std::string method, path, pattern, captured;
  };
  const row rows[] = {
    {"GET", "/healthz", "/healthz", ""},
    {"HEAD", "/healthz", "/healthz", ""},
    {"GET", "/api/v1/executions", "/api/v1/executions", ""},
    {"GET", "/api/v1/executions/12", "/api/v1/executions/{id}", "12"},
    {"POST", "/api/v1/queues/bank%2Dimport/pause", "/api/v1/queues/{name}/pause", "bank-import"},
    {"GET", "/api/v1/queues/a%2Fb", "/api/v1/queues/{name}", "a/b"},
    {"GET", "/api/v1/schedules/preview", "/api/v1/schedules/preview", ""},
    {"GET", "/api/v1/events/stream", "/api/v1/events/stream", ""},
    {"GET", "/oauth/test/start", "/oauth/{service}/start", "test"},
  };
  for (const auto& [method, path, pattern, captured] : rows) {
    const auto match = routes->find(method, path);
    ASSERT_NE(match.found, nullptr) << method << " " << path;
    EXPECT_EQ(match.found->pattern, pattern);
    EXPECT_EQ(match.captured[0], captured) << path;
  }
}

TEST_F(router, UnknownPathsAndBrokenEscapesHaveNoRoute) {
  for (const auto* path : {"/", "/api/v1", "/api/v1/executions/", "/api/v1/executions/1/2/3", "/healthz/", "//healthz",
                           "/api/v1/queues/%zz"}) {
    const auto match = routes->find("GET", path);
    EXPECT_EQ(match.found, nullptr) << path;
    EXPECT_EQ(match.allowed, "") << path;
  }
  EXPECT_EQ(problem("GET", "/nothing", "", 404), "no_such_path");
}

TEST_F(router, UnknownPathIsQuotedAsTextWhateverItsBytes) {
  const auto reply = send("GET", "/" + std::string(198, 'a') + "\xE2\x82\xAC/\xFF");
  EXPECT_EQ(reply.status, 404);
  boost::system::error_code malformed;
  const auto told = json::parse(reply.body, malformed);
  ASSERT_FALSE(malformed) << malformed.message();
  EXPECT_EQ(text_of(told.at("detail")), "there is nothing at /" + std::string(198, 'a')) << "no half of a character";
  EXPECT_NE(send("GET", "/\xFF").body.find("\xEF\xBF\xBD"), std::string::npos);
}

TEST_F(router, WrongMethodIsToldWhichAreAllowed) {
  const auto reply = send("PUT", "/api/v1/executions");
  EXPECT_EQ(reply.status, 405);
  EXPECT_EQ(reply.headers.value_or("Allow", ""), "POST, GET, HEAD");
  // Looking at a one-time link must not spend it.
  EXPECT_EQ(send("HEAD", "/oauth/test/start").headers.value_or("Allow", ""), "GET");
}

TEST_F(router, NoTwoRoutesAreTheSame) {
  std::set<std::pair<std::string, std::string>> seen;
  for (const auto& each : routes->routes()) {
    EXPECT_TRUE(seen.emplace(each.method, each.pattern).second) << each.method << " " << each.pattern;
    EXPECT_NE(each.handler, nullptr) << each.pattern;
  }
}

TEST_F(router, RequestIdIsTheCallersWhereItIsHarmless) {
  net::http_server_request request;
  request.method = "GET";
  request.target = "/healthz";
  request.headers.add("X-Request-Id", "trace-42.a");
  EXPECT_EQ(send(request).headers.value_or("X-Request-Id", ""), "trace-42.a");
  request.headers.set("X-Request-Id", "no blanks please");
  const auto made = std::string(send(request).headers.value_or("X-Request-Id", ""));
  EXPECT_NE(made, "no blanks please");
  EXPECT_FALSE(made.empty());
}

TEST_F(router, AsksForATokenBeforeTheHandlerRuns) {
  net::http_server_request request;
  request.method = "POST";
  request.target = "/api/v1/executions";
  request.body = R"({"kind":"test.step","args":{"name":"x"}})";
  request.headers.add("Authorization", "Bearer wrong");
  EXPECT_EQ(send(request).status, 401);
  EXPECT_TRUE(ran.empty());
}

TEST_F(router, PathsWithoutParametersRefuseAQuery) {
  for (const auto& each : routes->routes()) {
    if (each.takes_query || each.foreign) // what providers put there is theirs
      continue;
    std::string path(each.pattern);
    for (const std::string_view capture : {"{id}", "{name}"})
      if (const auto at = path.find(capture); at != std::string::npos)
        path.replace(at, capture.size(), "1");
    const std::string method(each.method);
    EXPECT_EQ(problem(method, path + "?colour=red", "", 400), "invalid_argument") << method << " " << path;
  }
  EXPECT_TRUE(ran.empty());
}

TEST_F(router, BodyOfAGetIsRefused) {
  EXPECT_EQ(problem("GET", "/api/v1/queues", "{}", 400), "invalid_argument");
  EXPECT_EQ(problem("GET", "/healthz", "{}", 400), "invalid_argument");
}

TEST_F(router, KnowsFromTheHeaderAloneWhatNeedsNoBody) {
  struct row {
    std::string method, target, token;
    int status; ///< 0: read on
  };
  const row rows[] = {
    {"POST", "/api/v1/executions", "Bearer wrong", 401},
    {"POST", "/api/v1/executions", "", 401},
    {"POST", "/nothing", "Bearer secret", 404},
    {"PUT", "/api/v1/executions", "Bearer secret", 405},
    {"POST", "/api/v1/executions?a=b", "Bearer secret", 400},
    {"GET", "/oauth/test/start", "", 400},
    {"POST", "/api/v1/executions", "Bearer secret", 0},
  };
  for (const auto& [method, target, token, status] : rows) {
    net::http_server_request head;
    head.method = method;
    head.target = target;
    head.headers.add("Authorization", token);
    head.headers.add("X-Request-Id", "mine");
    const auto refusal = routes->refuse_early(head);
    EXPECT_EQ(refusal ? refusal->status : 0, status) << method << " " << target;
    if (refusal) {
      EXPECT_EQ(refusal->headers.value_or("X-Request-Id", ""), "mine");
    }
  }
}

TEST_F(router, ExceptionOfAHandlerIsAProblemWithTheRequestsId) {
  static constexpr route broken[] = {{"POST", "/broken", access_level::anybody, [](service_desk&, call&) -> answer {
                                        throw std::runtime_error("a secret of the house");
                                        co_return net::http_reply{};
                                      }}};
  gateway::router alone(*desk, access_policy(*tokens, clock, desk->public_url), {broken});
  net::http_server_request request;
  request.method = "POST";
  request.target = "/broken";
  request.headers.add("X-Request-Id", "mine");
  std::optional<net::http_reply> reply;
  net::asio::co_spawn(network.context(), alone.handle(std::move(request)),
                      [&](const std::exception_ptr& thrown, net::http_reply told) {
                        EXPECT_FALSE(thrown);
                        reply = std::move(told);
                      });
  settle();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 500);
  EXPECT_EQ(reply->headers.value_or("X-Request-Id", ""), "mine");
  EXPECT_EQ(reply->body.find("secret"), std::string::npos) << reply->body;
}

TEST_F(router, OnlyHealthOAuthSigningInWebhooksAndTheDescriptionNeedNoToken) {
  for (const auto& each : routes->routes()) {
    const bool is_session = each.pattern == "/api/v1/session"; // one's own, whatever one's role is
    const bool is_free = (is_session && each.method == "POST") || each.pattern == "/api/openapi.json" ||
                         each.pattern == "/healthz" || each.pattern == "/readyz" ||
                         each.pattern.starts_with("/oauth/") || each.foreign;
    EXPECT_EQ(each.needs.level < access_level::viewer, is_free) << each.method << " " << each.pattern;
    if (each.method != "GET" && !is_session && !each.foreign) {
      EXPECT_GE(each.needs.level, access_level::operating) << each.method << " " << each.pattern;
    }
  }
}

} // namespace
} // namespace penstock::gateway::testing
