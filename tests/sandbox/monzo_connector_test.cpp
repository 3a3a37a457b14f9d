// The connector and the stand-in are two readings of the same documents: here they meet.
#include <gmock/gmock.h>

#include <functional>
#include <map>

#include "connectors/testing/run_driver.hpp"
#include "net/url.hpp"
#include "tests/sandbox/monzo_copy.hpp"
#include "tests/sandbox/small_sandbox.hpp"

namespace penstock::connectors::monzo {
void register_connector(registry& out);
}

namespace penstock::sandbox::testing {
namespace {

using ::testing::IsEmpty;

/// Carries the driver's requests to the sandbox, with tokens that the sandbox knows: a token of the driver that was not
/// seen before means that it was refreshed.
class sandbox_client : public net::http_client {
public:
  explicit sandbox_client(small_sandbox& sandbox) : sandbox_(sandbox), tokens_(sandbox.sign_in()) {}

  net::asio::awaitable<result<net::http_response>> send(net::http_request request) override {
    ++requests;
    if (before_each)
      before_each();
    const auto url = net::parse_url(request.url).value();
    const auto reply = sandbox_.ask(request.method, url.target(), request.body,
                                    real_token(std::string(request.headers.value_or("Authorization", ""))));
    if (reply.cut)
      co_return failure(reply.cut->before_head ? error_code::network : error_code::truncated_body, "cut off");
    co_return net::http_response{.status = reply.status, .headers = reply.headers, .body = reply.body};
  }

  std::size_t requests = 0;
  std::function<void()> before_each{};

private:
  const std::string& real_token(const std::string& shown) {
    const auto [found, is_new] = known_.try_emplace(shown);
    if (is_new && known_.size() > 1) {
      const auto next =
        object_of(sandbox_.token_request({{"grant_type", "refresh_token"}, {"refresh_token", tokens_.refresh}}));
      tokens_ = {text_at(next, "access_token"), text_at(next, "refresh_token"), tokens_.user};
    }
    if (is_new)
      found->second = tokens_.access;
    return found->second;
  }

  small_sandbox& sandbox_;
  small_sandbox::tokens tokens_;
  std::map<std::string, std::string> known_;
};

connectors::connector built_connector() {
  connectors::registry declared;
  connectors::monzo::register_connector(declared);
  config::section section;
  section.put("base_url", std::string("http://127.0.0.1:1/monzo"), true);
  section.put("auth_url", std::string("http://127.0.0.1:1/monzo/authorize"), true);
  section.put("client_id", std::string("client"), true);
  section.put("client_secret", std::string("secret"), true);
  section.put("page_size", std::int64_t{100}, true);
  section.put("look_back", duration(std::chrono::days(14)), true);
  section.put("webhooks", true, true);
  return declared.declarations().front().build(section).value();
}

class monzo_connector_meets_stand_in : public ::testing::Test {
protected:
  void start(small_sandbox::setup of) {
    sandbox = std::make_unique<small_sandbox>(std::move(of));
    client = std::make_unique<sandbox_client>(*sandbox);
  }
  static small_sandbox::setup with(std::uint64_t transactions, duration history = std::chrono::days(60)) {
    small_sandbox::setup out;
    out.data.accounts = 4;
    out.data.transactions = transactions;
    out.data.history = history;
    return out;
  }
  connectors::testing::run_report sync() {
    driver.clock.set(sandbox->clock.now());
    auto report = driver.run(*client);
    EXPECT_THAT(report.violations, IsEmpty());
    return report;
  }
  void pass(duration length) { sandbox->clock.advance(length); }

  std::int64_t count(const std::string& table) const {
    return std::get<std::int64_t>(driver.tables.select("SELECT COUNT(*) FROM " + table).rows.front().front());
  }
  /// The connector's tables in the form of GET /sandbox/totals.
  std::string stored() const {
    return monzo_copy([this](const std::string& sql) { return driver.tables.select(sql); });
  }
  std::string served() const {
    return json::serialize(object_of(sandbox->get("/sandbox/totals")).at("monzo").at("tables"));
  }

  std::unique_ptr<small_sandbox> sandbox;
  std::unique_ptr<sandbox_client> client;
  connectors::testing::run_driver driver{built_connector(), "monzo", today};
};

TEST_F(monzo_connector_meets_stand_in, FirstSyncHoldsWhatTheTotalsSay) {
  start(with(330));
  EXPECT_TRUE(sync().clean());
  EXPECT_EQ(stored(), served());
}

TEST_F(monzo_connector_meets_stand_in, HistoryOfYearsComesWhileConsentIsFresh) {
  start(with(330, std::chrono::days(1000)));
  EXPECT_TRUE(sync().clean());
  EXPECT_EQ(stored(), served());
}

TEST_F(monzo_connector_meets_stand_in, SecondSyncOfUnchangedDataChangesNoRow) {
  start(with(330));
  sync();
  pass(1h);
  const auto again = sync();
  EXPECT_EQ(again.rows.added, 0u);
  EXPECT_EQ(again.rows.updated, 0u);
  EXPECT_EQ(stored(), served());
}

TEST_F(monzo_connector_meets_stand_in, OneThatSettlesAWeekLaterIsOneUpdate) {
  start(with(330));
  const auto added = object_of(sandbox->ask("POST", "/sandbox/change", R"({"add":1,"pending":true})"));
  sync();
  pass(std::chrono::days(7));
  const auto id = std::string(added.at("added").at(0).as_string());
  EXPECT_EQ(sandbox->ask("POST", "/sandbox/change", "{\"settle\":\"" + id + "\"}").status, 200);
  const auto before = driver.tables.dump("monzo_transactions");
  const auto report = sync();
  EXPECT_EQ(report.rows.updated, 1u) << "the balances are those of another day";
  EXPECT_EQ(driver.tables.dump("monzo_transactions").size(), before.size());
  EXPECT_EQ(stored(), served());
}

TEST_F(monzo_connector_meets_stand_in, APotThatIsDeletedStaysAndIsCountedApart) {
  start(with(330));
  sync();
  const auto pots = count("monzo_pots");
  const auto deleted = object_of(sandbox->ask("POST", "/sandbox/change", R"({"deposit":1,"delete_pot":1})"));
  EXPECT_EQ(deleted.at("deleted").as_array().size(), 1u);
  EXPECT_EQ(sync().rows.deleted, 1);
  EXPECT_EQ(count("monzo_pots"), pots);
  EXPECT_EQ(stored(), served());
}

TEST_F(monzo_connector_meets_stand_in, AConsentThatIsApprovedLaterIsWaitedFor) {
  auto of = with(330, std::chrono::days(1000));
  of.oauth.approval_delay = 45s;
  start(std::move(of));
  // The sandbox's clock goes with the driver's, which waits for the approval.
  driver.clock.set(sandbox->clock.now());
  client->before_each = [this] { sandbox->clock.set(driver.clock.now()); };
  EXPECT_TRUE(driver.run(*client).clean());
  EXPECT_EQ(driver.clock.now(), today + 50s);
  EXPECT_EQ(stored(), served());
}

TEST_F(monzo_connector_meets_stand_in, SteadyChangeIsFollowedForDays) {
  auto of = with(200);
  of.data.change_every = 5min;
  start(of);
  for (int i = 0; i < 12; ++i) {
    sync();
    EXPECT_EQ(stored(), served()) << "after " << i << " times eight hours";
    pass(8h);
  }
}

TEST_F(monzo_connector_meets_stand_in, FivePercentOfEachFaultConverge) {
  start(with(3000));
  ASSERT_TRUE(sandbox->faults.set(
    json::object{{"error_500", 0.05}, {"rate_limited", 0.05}, {"dropped", 0.05}, {"truncated", 0.05}}));
  const auto report = sync();
  EXPECT_GT(report.failures.size(), 5u);
  EXPECT_EQ(report.jobs_failed, 0u);
  EXPECT_EQ(stored(), served());
}

TEST_F(monzo_connector_meets_stand_in, ExpiredTokensAreRefreshedOnTheWay) {
  start(with(1000));
  ASSERT_TRUE(sandbox->faults.set(json::object{{"expired_token", {{"times", 1}, {"path", "/transactions"}}}}));
  EXPECT_TRUE(sync().clean());
  EXPECT_EQ(stored(), served());
  EXPECT_EQ(driver.tokens.rejected().size(), 1u);
}

TEST_F(monzo_connector_meets_stand_in, WrongPageEndsItsStreamUntilItIsMended) {
  start(with(330));
  const auto accounts = object_of(sandbox->get("/sandbox/stats")).at("monzo").at("users").at(0).at("accounts");
  const auto first = std::string(accounts.at(0).at("id").as_string());
  ASSERT_TRUE(sandbox->faults.set(json::object{{"wrong_shape_page", {{"account", first}, {"page", 3}}}}));
  const auto broken = sync();
  EXPECT_EQ(broken.jobs_failed, 1u);
  EXPECT_NE(stored(), served());
  sandbox->ask("DELETE", "/sandbox/faults");
  EXPECT_TRUE(sync().clean());
  EXPECT_EQ(stored(), served());
}

} // namespace
} // namespace penstock::sandbox::testing
