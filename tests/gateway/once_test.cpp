// Idempotency-Key and If-Match.
#include <boost/asio/co_spawn.hpp>
#include <boost/json/parse.hpp>

#include "tests/gateway/route_fixture.hpp"

namespace penstock::gateway::testing {
namespace {

class conditional : public route_test {
protected:
  net::http_reply send_with(const std::string& header, const std::string& value, std::string method, std::string target,
                            std::string body = {}, const std::string& token = "secret") {
    net::http_server_request request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.body = std::move(body);
    request.headers.add(header, value);
    request.headers.add("Authorization", "Bearer " + token);
    return send(std::move(request));
  }
  net::http_reply under_key(const std::string& key, std::string method, std::string target, std::string body = {}) {
    return send_with("Idempotency-Key", key, std::move(method), std::move(target), std::move(body));
  }
  /// As after a death between the unit of work and its answer: the key is there, what was told is not.
  void lose_answers() {
    fault = [](std::string_view call) -> std::optional<error> {
      if (call == "keep answer of once key")
        return error{error_code::storage_full, "as the test asked"};
      return std::nullopt;
    };
  }
  static std::string code_of(const net::http_reply& reply) { return text_of(json::parse(reply.body).at("code")); }
};

constexpr const char* a_job = R"({"kind":"test.step","args":{"name":"x"}})";

TEST_F(conditional, OneKeyMakesOneJobAndTheSameAnswer) {
  const auto first = under_key("order-7", "POST", "/api/v1/executions", a_job);
  settle();
  const auto again = under_key("order-7", "POST", "/api/v1/executions", a_job);
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.headers.value_or("Idempotency-Replayed", ""), "true");
  EXPECT_FALSE(first.headers.contains("Idempotency-Replayed"));
  settle();
  EXPECT_EQ(ran, std::vector<std::string>{"x"});
}

TEST_F(conditional, AnotherRequestUnderTheKeyIsRefused) {
  EXPECT_EQ(under_key("k", "POST", "/api/v1/executions", a_job).status, 201);
  const auto other = under_key("k", "POST", "/api/v1/executions", R"({"kind":"test.step","args":{"name":"y"}})");
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(code_of(other), "key_reused");
  EXPECT_EQ(under_key("k", "POST", "/api/v1/integrations", a_job).status, 422);
  settle();
  EXPECT_EQ(ran, std::vector<std::string>{"x"});
}

TEST_F(conditional, KeysOfTwoCallersAreTwoKeys) {
  const auto token = text_of(ask("POST", "/api/v1/tokens", R"({"name":"t","role":"operator"})", 201).at("token"));
  EXPECT_EQ(under_key("k", "POST", "/api/v1/executions", a_job).status, 201);
  EXPECT_EQ(send_with("Idempotency-Key", "k", "POST", "/api/v1/executions", a_job, token).status, 201);
  settle();
  EXPECT_EQ(ran.size(), 2u);
}

TEST_F(conditional, RefusedRequestMayBeSentAgainUnderItsKey) {
  EXPECT_EQ(under_key("k", "POST", "/api/v1/schedules/s/trigger").status, 404);
  ask("POST", "/api/v1/schedules", R"({"name":"s","cron":"0 4 * * *","kind":"test.note"})", 201);
  const auto first = under_key("k", "POST", "/api/v1/schedules/s/trigger");
  EXPECT_EQ(first.status, 202);
  EXPECT_EQ(under_key("k", "POST", "/api/v1/schedules/s/trigger").body, first.body);
  settle();
  EXPECT_EQ(ran.size(), 1u);
}

TEST_F(conditional, WhatWasRemovedIsToldAsRemovedAgain) {
  const auto id = add_integration();
  EXPECT_EQ(under_key("k", "DELETE", "/api/v1/integrations/" + id).status, 204);
  const auto again = under_key("k", "DELETE", "/api/v1/integrations/" + id);
  EXPECT_EQ(again.status, 204);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(send("DELETE", "/api/v1/integrations/" + id).status, 404);
}

TEST_F(conditional, WhatWasDoneIsAnsweredAlsoIfTheAnswerWasLost) {
  const auto id = add_integration();
  lose_answers();
  EXPECT_EQ(under_key("k", "DELETE", "/api/v1/integrations/" + id).status, 204);
  EXPECT_EQ(under_key("k", "DELETE", "/api/v1/integrations/" + id).status, 204);
  const auto first = under_key("j", "POST", "/api/v1/executions", a_job);
  const auto again = under_key("j", "POST", "/api/v1/executions", a_job);
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.headers.value_or("Idempotency-Replayed", ""), "true");
  settle();
  EXPECT_EQ(ran, std::vector<std::string>{"x"});
}

TEST_F(conditional, PauseThatIsRepeatedDoesNotUndoAResumeSince) {
  lose_answers();
  ask("POST", "/api/v1/executions", R"({"kind":"test.note","delay_ms":3600000})", 201);
  EXPECT_EQ(under_key("k", "POST", "/api/v1/queues/default/pause").status, 200);
  ask("POST", "/api/v1/queues/default/resume");
  const auto again = under_key("k", "POST", "/api/v1/queues/default/pause");
  EXPECT_EQ(again.status, 200);
  EXPECT_FALSE(json::parse(again.body).at("paused").as_bool());
  ask("POST", "/api/v1/executions", a_job, 201);
  settle();
  EXPECT_EQ(ran, std::vector<std::string>{"x"}) << "the queue runs";
}

TEST_F(conditional, SecondRequestUnderAKeyWaitsForTheFirst) {
  std::vector<int> statuses;
  for (int i = 0; i < 2; ++i) {
    net::http_server_request request;
    request.method = "POST";
    request.target = "/api/v1/executions/bulk";
    request.body = R"({"action":"retry","filter":{}})";
    request.headers.add("Idempotency-Key", "k");
    request.headers.add("Authorization", "Bearer secret");
    net::asio::co_spawn(
      network.context(), routes->handle(std::move(request)),
      [&statuses](const std::exception_ptr&, net::http_reply given) { statuses.push_back(given.status); });
  }
  settle();
  EXPECT_EQ(statuses, (std::vector<int>{409, 200}));
  EXPECT_EQ(under_key("k", "POST", "/api/v1/executions/bulk", R"({"action":"retry","filter":{}})").status, 200);
}

TEST_F(conditional, KeyIsFreeAgainAfterADay) {
  EXPECT_EQ(under_key("k", "POST", "/api/v1/executions", a_job).status, 201);
  advance(std::chrono::hours(25));
  EXPECT_EQ(under_key("k", "POST", "/api/v1/executions", a_job).status, 201);
  settle();
  EXPECT_EQ(ran.size(), 2u);
}

TEST_F(conditional, LinksAreNotToldTwice) {
  const auto id = add_integration();
  EXPECT_EQ(under_key("k", "POST", "/api/v1/integrations/" + id + "/authorize").status, 400);
}

TEST_F(conditional, OrganisationIsMadeOnce) {
  const auto first = under_key("k", "POST", "/api/v1/organisations", R"({"name":"Acme"})");
  const auto again = under_key("k", "POST", "/api/v1/organisations", R"({"name":"Acme"})");
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(ask("GET", "/api/v1/organisations").at("items").as_array().size(), 1u);
}

TEST_F(conditional, KeysThatCannotBeAreRefused) {
  for (const auto& key : {std::string(), std::string("two words"), std::string(256, 'k'), std::string("\xC3\xA9")})
    EXPECT_EQ(under_key(key, "POST", "/api/v1/executions", a_job).status, 400) << key;
  EXPECT_EQ(under_key("k", "GET", "/api/v1/executions").status, 400) << "reading needs none";
  settle();
  EXPECT_TRUE(ran.empty());
}

TEST_F(conditional, SecondAdministratorIsToldThatTheScheduleWasEditedMeanwhile) {
  ask("POST", "/api/v1/schedules", R"({"name":"s","cron":"0 4 * * *","kind":"test.note"})", 201);
  const auto etag = std::string(send("GET", "/api/v1/schedules/s").headers.value_or("ETag", ""));
  EXPECT_EQ(etag, "\"1\"");
  const auto first = send_with("If-Match", etag, "PATCH", "/api/v1/schedules/s", R"({"cron":"0 5 * * *"})");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.headers.value_or("ETag", ""), "\"2\"");
  const auto second = send_with("If-Match", etag, "PATCH", "/api/v1/schedules/s", R"({"cron":"0 6 * * *"})");
  EXPECT_EQ(second.status, 412);
  EXPECT_EQ(code_of(second), "precondition_failed");
  EXPECT_EQ(text_of(ask("GET", "/api/v1/schedules/s").at("cron")), "0 5 * * *");
  EXPECT_EQ(send_with("If-Match", "*", "PATCH", "/api/v1/schedules/s", R"({"cron":"0 6 * * *"})").status, 200);
}

TEST_F(conditional, IntegrationsAndOrganisationsHaveVersionsToo) {
  const auto id = add_integration();
  const auto organisation = text_of(ask("POST", "/api/v1/organisations", R"({"name":"Acme"})", 201).at("id"));
  for (const auto& path : {"/api/v1/integrations/" + id, "/api/v1/organisations/" + organisation}) {
    const auto etag = std::string(send("GET", path).headers.value_or("ETag", ""));
    EXPECT_EQ(send_with("If-Match", etag, "PATCH", path, R"({"name":"one"})").status, 200) << path;
    EXPECT_EQ(send_with("If-Match", etag, "PATCH", path, R"({"name":"two"})").status, 412) << path;
    EXPECT_EQ(text_of(ask("GET", path).at("name")), "one");
    EXPECT_EQ(send("PATCH", path, R"({"name":"three"})").status, 200)
      << "without a condition it is nobody's loss to tell";
  }
}

TEST_F(conditional, VersionsThatFitNothingAreRefused) {
  ask("POST", "/api/v1/schedules", R"({"name":"s","cron":"0 4 * * *","kind":"test.note"})", 201);
  for (const auto* tag : {"1", "\"\"", "\"x\"", "W/\"1\"", "\"1\", \"2\"", ""})
    EXPECT_EQ(send_with("If-Match", tag, "PATCH", "/api/v1/schedules/s", R"({"enabled":false})").status, 412) << tag;
  EXPECT_EQ(send_with("If-Match", "\"1\"", "POST", "/api/v1/executions", a_job).status, 400)
    << "a promise that is not kept must not be passed over";
}

} // namespace
} // namespace penstock::gateway::testing
