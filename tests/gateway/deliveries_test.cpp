// Services from which nothing is fetched: their providers send.
#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

#include "core/rfc3339.hpp"
#include "tests/gateway/hook_connector.hpp"
#include "tests/gateway/route_fixture.hpp"

namespace penstock::gateway::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

/// The body "broken" fails its job, each letter behind "wrong " is a row in error.
result<unit_of_work> take_body(connectors::process_context& context) {
  const auto& body = context.payload;
  if (body == "broken")
    return failure(error_code::invalid_argument, "it is broken");
  unit_of_work unit;
  const auto wrong = body.starts_with("wrong ") ? body.substr(6) : std::string();
  for (const char c : wrong)
    unit.row_errors.push_back({"points", std::string(1, c), "no date"});
  return unit;
}

class deliveries : public route_test {
protected:
  std::vector<connectors::connector> enabled_connectors() override {
    auto enabled = route_test::enabled_connectors();
    enabled.push_back(hook_connector(take_body));
    return enabled;
  }
  struct endpoint {
    std::string id, secret;
  };
  endpoint add() {
    const auto made = ask("POST", "/api/v1/integrations", R"({"service":"hook"})", 201);
    return {text_of(made.at("id")), text_of(made.at("webhook").at("secret"))};
  }
  json::value deliver(const endpoint& to, const std::string& body) {
    return ask("POST", "/webhooks/hook/" + to.secret, body, 202);
  }
};

TEST_F(deliveries, NothingIsFetchedOfAServiceWhoseProviderSends) {
  const auto path = "/api/v1/integrations/" + add().id;
  EXPECT_FALSE(ask("GET", path).at("is_fetched").as_bool());
  const auto refused = send("POST", path + "/fetch", R"({"force":true})");
  EXPECT_EQ(refused.status, 422);
  EXPECT_THAT(refused.body, HasSubstr("nothing is fetched of service 'hook'"));
  EXPECT_EQ(problem("POST", path + "/fetch", R"({"dry_run":true})", 422), "bad_configuration");
  EXPECT_EQ(problem("POST", path + "/reset", "", 422), "bad_configuration");
  EXPECT_EQ(problem("POST", path + "/reset", R"({"from":"2026-01-01T00:00:00Z"})", 422), "bad_configuration");
  EXPECT_EQ(problem("PATCH", path, R"({"update_frequency_minutes":5})", 422), "bad_configuration");
  ask("PATCH", path, R"({"update_frequency_minutes":0,"name":"Other"})");
  EXPECT_EQ(problem("POST", "/api/v1/integrations", R"({"service":"hook","update_frequency_minutes":5})", 422),
            "bad_configuration");
  EXPECT_EQ(problem("POST", path + "/token", R"({"token":"a"})", 422), "bad_configuration");
  EXPECT_TRUE(ask("GET", path + "/runs").at("items").as_array().empty());
}

TEST_F(deliveries, DeliveryThatWasProcessedIsTheLastSuccessOfOneWhoseProviderSends) {
  const auto to = add();
  const auto path = "/api/v1/integrations/" + to.id;
  const auto shown = [&](const char* what) { return text_of(ask("GET", path).at(what)); };
  EXPECT_EQ(shown("last_successful_update_at"), "null");
  deliver(to, "broken");
  settle();
  EXPECT_EQ(shown("last_successful_update_at"), "null");
  EXPECT_THAT(shown("last_error"), HasSubstr("it is broken"));
  clock.advance(1h);
  deliver(to, "the body");
  settle();
  EXPECT_EQ(shown("last_successful_update_at"), format_rfc3339(clock.now()));
  EXPECT_EQ(shown("last_error"), "null");
  EXPECT_EQ(shown("status"), "idle");
}

TEST_F(deliveries, RowsInErrorAreShownWithWhatReadThem) {
  const auto to = add(), other = add();
  const auto path = "/api/v1/integrations/" + to.id + "/row-errors";
  EXPECT_TRUE(ask("GET", path).at("items").as_array().empty());
  const auto first = text_of(deliver(to, "wrong ab").at("job_id"));
  settle();
  clock.advance(1h);
  const auto began = format_rfc3339(clock.now());
  const auto second = text_of(deliver(to, "wrong cde").at("job_id"));
  deliver(other, "wrong x");
  settle();
  const auto rows = [&](const std::string& query) {
    std::string names;
    const auto list = ask("GET", path + query);
    for (const auto& each : list.at("items").as_array())
      names += text_of(each.at("source_id"));
    return names;
  };
  EXPECT_EQ(rows(""), "edcba") << "the newest first";
  EXPECT_EQ(rows("?since=" + began), "edc");
  EXPECT_EQ(rows("?job=" + first), "ba");
  EXPECT_EQ(rows("?table=points&kind=hook.delivery&job=" + second), "edc");
  EXPECT_EQ(rows("?table=others"), "");
  EXPECT_EQ(rows("?kind=test.step"), "");
  EXPECT_EQ(rows("?run=5"), "");
  const auto page = ask("GET", path + "?limit=2");
  const auto next = text_of(page.at("next_cursor"));
  EXPECT_EQ(rows("?limit=2&cursor=" + next), "cb");
  EXPECT_EQ(rows("?limit=1&cursor=" + text_of(ask("GET", path + "?limit=4").at("next_cursor"))), "a");
  EXPECT_TRUE(ask("GET", path + "?limit=5").at("next_cursor").is_null()) << "none is left";
  const auto& newest = page.at("items").as_array()[0];
  EXPECT_EQ(text_of(newest.at("message")), "no date");
  EXPECT_EQ(text_of(newest.at("table")), "points");
  EXPECT_EQ(text_of(newest.at("job_id")), second);
  EXPECT_EQ(text_of(newest.at("kind")), "hook.delivery");
  EXPECT_EQ(text_of(newest.at("at")), began);
  EXPECT_TRUE(newest.at("run_id").is_null());
  EXPECT_EQ(problem("GET", path + "?tabel=points", "", 400), "invalid_argument");
  EXPECT_EQ(problem("GET", "/api/v1/integrations/5/row-errors", "", 404), "not_found");
}

} // namespace
} // namespace penstock::gateway::testing
