// The declarative connector before an API that gives its list in every way, and fails in every way.
#include <gmock/gmock.h>

#include <iostream>
#include <map>

#include "config/setting_value.hpp"
#include "connectors/connector.hpp"
#include "connectors/testing/run_driver.hpp"
#include "net/url.hpp"
#include "tests/sandbox/small_sandbox.hpp"

namespace penstock::connectors::http_json {
void register_connector(registry& out);
}

namespace penstock::sandbox::testing {
namespace {

using ::testing::IsEmpty;
using texts = std::vector<std::string>;
using table_values = std::map<std::string, config::section::value>;

/// Carries the driver's requests to the sandbox, with tokens that the sandbox knows: a token of the driver that was not
/// seen before means that it was refreshed, or given anew to the client.
class shop_client : public net::http_client {
public:
  shop_client(small_sandbox& sandbox, bool as_client) : sandbox_(sandbox), as_client_(as_client) {
    if (as_client_) {
      take(grant({{"grant_type", "client_credentials"}}));
      return;
    }
    const auto away =
      sandbox.get("/http_json/shops/authorize?client_id=client&response_type=code&redirect_uri=http%3A%2F%2Fx.test");
    const auto back = net::parse_url(away.headers.value_or("Location", "")).value();
    take(grant({{"grant_type", "authorization_code"},
                {"redirect_uri", "http://x.test"},
                {"code", std::string(net::find_parameter(net::parse_query(back.query), "code").value())}}));
  }

  net::asio::awaitable<result<net::http_response>> send(net::http_request request) override {
    ++requests;
    const auto url = net::parse_url(request.url).value();
    const auto reply = sandbox_.ask(request.method, url.target(), request.body,
                                    real_token(std::string(request.headers.value_or("Authorization", ""))));
    if (reply.cut)
      co_return failure(reply.cut->before_head ? error_code::network : error_code::truncated_body, "cut off");
    co_return net::http_response{.status = reply.status, .headers = reply.headers, .body = reply.body};
  }

  std::size_t requests = 0;

private:
  json::object grant(net::query_parameters form) {
    form.emplace_back("client_id", "client");
    form.emplace_back("client_secret", "secret");
    return object_of(sandbox_.ask("POST", "/http_json/shops/oauth2/token", net::form_encode(form)));
  }
  void take(const json::object& tokens) {
    access_ = text_at(tokens, "access_token");
    refresh_ = text_at(tokens, "refresh_token");
  }
  const std::string& real_token(const std::string& shown) {
    const auto [found, is_new] = known_.try_emplace(shown);
    if (is_new && known_.size() > 1)
      take(grant(as_client_ ? net::query_parameters{{"grant_type", "client_credentials"}}
                            : net::query_parameters{{"grant_type", "refresh_token"}, {"refresh_token", refresh_}}));
    if (is_new)
      found->second = access_;
    return found->second;
  }

  small_sandbox& sandbox_;
  const bool as_client_;
  std::string access_, refresh_;
  std::map<std::string, std::string> known_;
};

/// Named as a way of paging; "client" is a cursor, with tokens that the client is given.
bool is_client(const std::string& way) { return way == "client"; }

/// What a table says to read the shop in this way.
table_values shop_table(const std::string& way) {
  const auto paging = is_client(way) ? std::string("cursor") : way;
  const auto style = paging == "none" ? std::string("all") : paging;
  table_values table{
    {"base_url", std::string("http://127.0.0.1:1/http_json/" + style)},
    {"list_path", std::string("/shops/{shop}/items")},
    {"auth", std::string("bearer")},
    {"paging", paging},
    {"updated_field", std::string("updated_at")},
    {"since_parameter", std::string("updated_since")},
    {"deleted_field", std::string("deleted")},
    {"fields", texts{"title", "price:integer=pricing.amount", "currency=pricing.currency", "stock:integer",
                     "rating:real", "on_sale:boolean", "tags:json", "created:time=created_at"}},
    {"table", std::string("shop_items")}};
  if (paging != "none")
    table["size_parameter"] = std::string("limit");
  if (paging == "page" || paging == "offset")
    table["list"] = std::string("items");
  if (paging == "cursor") {
    table["list"] = std::string("data.items");
    table["next_field"] = std::string("meta.next_cursor");
  }
  if (paging == "last_id") {
    table["list"] = std::string("data");
    table["more_field"] = std::string("has_more");
  }
  if (is_client(way)) {
    table["auth"] = std::string("client_credentials");
    table["token_url"] = std::string("http://127.0.0.1:1/http_json/shops/oauth2/token");
    table["client_id"] = std::string("client");
    table["client_secret"] = std::string("secret");
  }
  if (paging == "next") {
    table["list"] = std::string("results");
    table["next_field"] = std::string("next");
  }
  return table;
}

connectors::connector built_shop(const std::string& paging) {
  connectors::registry declared;
  connectors::http_json::register_connector(declared);
  const auto& declaration = declared.declarations().front();
  const auto set = shop_table(paging);
  config::named_section table{"shop", {}};
  for (const auto& each : declaration.table_settings) {
    const auto found = set.find(each.key);
    table.settings.put(each.key, found == set.end() ? config::default_value(each) : found->second, found != set.end());
  }
  config::section section;
  section.put_table(std::move(table));
  return declaration.build(section).value();
}

class http_json_meets_stand_in : public ::testing::TestWithParam<std::string> {
protected:
  void start(duration change_every = duration::zero()) {
    small_sandbox::setup of;
    of.data.transactions = 250;
    of.data.change_every = change_every;
    sandbox = std::make_unique<small_sandbox>(std::move(of));
    client = std::make_unique<shop_client>(*sandbox, is_client(GetParam()));
    driver = std::make_unique<connectors::testing::run_driver>(built_shop(GetParam()), "shop", today);
    driver->account.config = R"({"shop":"north"})";
  }
  connectors::testing::run_report sync() {
    driver->clock.set(sandbox->clock.now());
    auto report = driver->run(*client);
    EXPECT_THAT(report.violations, IsEmpty());
    return report;
  }
  std::int64_t number(const std::string& what) const {
    return std::get<std::int64_t>(driver->tables.select("SELECT " + what + " FROM shop_items").rows.front().front());
  }
  std::string stored() const {
    return json::serialize(
      json::object{{"rows", number("COUNT(*) FILTER (WHERE deleted_at IS NULL)")},
                   {"deleted", number("COUNT(*) FILTER (WHERE deleted_at IS NOT NULL)")},
                   {"sums", {{"price", {{"GBP", number("SUM(price) FILTER (WHERE deleted_at IS NULL)")}}}}}});
  }
  std::string served() const {
    return json::serialize(object_of(sandbox->get("/sandbox/totals")).at("http_json").at("tables").at("shop_items"));
  }

  std::unique_ptr<small_sandbox> sandbox;
  std::unique_ptr<shop_client> client;
  std::unique_ptr<connectors::testing::run_driver> driver;
};

TEST_P(http_json_meets_stand_in, CopyIsWhatTheTotalsSayAlsoAfterChanges) {
  start(10s);
  EXPECT_TRUE(sync().clean());
  EXPECT_EQ(stored(), served());
  sandbox->clock.advance(30min);
  const auto before = client->requests;
  EXPECT_TRUE(sync().clean());
  EXPECT_EQ(stored(), served());
  EXPECT_GT(number("COUNT(*) FILTER (WHERE deleted_at IS NOT NULL)"), 0);
  EXPECT_LE(client->requests - before, 4U) << "only what was changed is asked for";
  EXPECT_FALSE(sync().rows.changed());
}

TEST_P(http_json_meets_stand_in, EveryFaultEndsAsItShould) {
  struct outcome {
    const char* fault;
    std::size_t failures, failed;
    error_code code;
  };
  for (const auto& each :
       {outcome{"error_500", 1, 0, error_code::provider_unavailable},
        outcome{"error_503", 1, 0, error_code::provider_unavailable},
        outcome{"rate_limited", 1, 0, error_code::rate_limited},
        outcome{"rate_limited_bare", 1, 0, error_code::rate_limited}, outcome{"dropped", 1, 0, error_code::network},
        outcome{"dropped_midway", 1, 0, error_code::truncated_body},
        outcome{"truncated", 1, 0, error_code::truncated_body},
        outcome{"malformed", 1, 1, error_code::unexpected_shape}, outcome{"expired_token", 0, 0, error_code::none},
        outcome{"revoked_token", 1, 1, error_code::requires_reauth}, outcome{"clock_skew", 0, 0, error_code::none},
        outcome{"latency", 0, 0, error_code::none}}) {
    SCOPED_TRACE(each.fault);
    const bool recovers = is_client(GetParam()) && each.code == error_code::requires_reauth;
    const auto expected = recovers ? outcome{each.fault, 0, 0, error_code::none} : each;
    start();
    ASSERT_TRUE(sandbox->faults.set(json::object{{each.fault, {{"times", 1}}}}));
    const auto report = sync();
    EXPECT_EQ(report.failures.size(), expected.failures);
    EXPECT_EQ(report.jobs_failed, expected.failed);
    const auto code = report.failures.empty() ? error_code::none : report.failures.front().problem.code;
    EXPECT_EQ(to_string(code), to_string(expected.code));
    if (expected.failed == 0) {
      EXPECT_EQ(stored(), served());
    }
    std::cout << "http_json " << GetParam() << " x " << each.fault << ": "
              << (report.failures.empty() ? "nothing to see" : std::string(to_string(code))) << ", "
              << (expected.failed == 0 ? "all rows" : "final") << '\n';
  }
}

INSTANTIATE_TEST_SUITE_P(styles, http_json_meets_stand_in,
                         ::testing::Values("none", "page", "offset", "cursor", "link", "next", "last_id", "client"),
                         [](const auto& info) { return info.param; });

TEST(http_json_stand_in, TakesEachWayToShowAKeyAndNoOther) {
  small_sandbox sandbox;
  const std::string path = "/http_json/page/shops/north/items";
  EXPECT_EQ(sandbox.get(path).status, 401);
  EXPECT_EQ(sandbox.get(path, "other").status, 401);
  EXPECT_EQ(sandbox.get(path, "sandbox").status, 200);
  EXPECT_EQ(sandbox.get(path + "?api_key=sandbox").status, 200);
  EXPECT_EQ(sandbox.get(path + "?api_key=sandbox&limit=x").status, 400);
  EXPECT_EQ(sandbox.get("/http_json/cursor/shops/north/items?cursor=x", "sandbox").status, 400);
  EXPECT_EQ(sandbox.get("/http_json/page/shops/NORTH/items", "sandbox").status, 404);
}

TEST(http_json_stand_in, GivesClientsTokensOfTheirOwnThatDoNotEvictEachOther) {
  small_sandbox sandbox;
  const auto ask = [&](net::query_parameters form, const std::string& basic = {}) {
    form.emplace_back("grant_type", "client_credentials");
    return sandbox.ask("POST", "/http_json/shops/oauth2/token", net::form_encode(form), basic);
  };
  const auto first = object_of(ask({{"client_id", "client"}, {"client_secret", "secret"}}));
  EXPECT_FALSE(first.contains("refresh_token"));
  const auto second = object_of(ask({}, "Basic Y2xpZW50OnNlY3JldA=="));
  const std::string path = "/http_json/last_id/shops/north/items?starting_after=itm_00000009&limit=1";
  for (const auto& each : {first, second})
    EXPECT_THAT(sandbox.get(path, text_at(each, "access_token")).body, ::testing::HasSubstr(R"("id":"itm_00000010")"));
  EXPECT_EQ(ask({{"client_id", "client"}, {"client_secret", "other"}}).status, 401);
  EXPECT_EQ(ask({}, "Basic Y2xpZW50").status, 401);
  EXPECT_EQ(
    sandbox.token_request({{"grant_type", "client_credentials"}, {"client_id", "a"}, {"client_secret", "b"}}).status,
    400)
    << "Monzo gives none";
}

TEST(http_json_stand_in, ChangesWhatItIsAskedTo) {
  small_sandbox sandbox;
  const auto done = sandbox.ask("POST", "/sandbox/change",
                                R"({"http_json":{"add_items":3,"reprice_items":1,"remove_items":2,"shop":"south"}})");
  EXPECT_EQ(done.body, R"({"http_json":{"shop":"south","added":3,"repriced":1,"removed":2}})");
  EXPECT_EQ(
    json::serialize(object_of(sandbox.get("/sandbox/totals")).at("http_json").at("tables").at("shop_items").at("rows")),
    "251");
  EXPECT_EQ(sandbox.ask("POST", "/sandbox/change", R"({"http_json":{"add":3}})").status, 400);
}

} // namespace
} // namespace penstock::sandbox::testing
