// How Monzo is told where this node takes webhooks.
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include <boost/json.hpp>

#include "connectors/monzo/tests/small_monzo.hpp"
#include "connectors/monzo/webhook_state.hpp"
#include "connectors/testing/run_driver.hpp"
#include "connectors/webhook_reach.hpp"
#include "net/query.hpp"
#include "net/url.hpp"

namespace penstock::connectors::monzo {
namespace {

using std::chrono::days;
using std::chrono::hours;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::provider_stand_in;
using ::testing::StartsWith;

constexpr timestamp today{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

std::string fixture(const std::string& name) {
  std::ifstream file(std::string(PENSTOCK_SOURCE_DIR) + "/connectors/monzo/fixtures/" + name);
  EXPECT_TRUE(file) << name;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class monzo_webhook_registration : public ::testing::Test {
protected:
  monzo_webhook_registration() {
    bank.now = today;
    open("acc_1");
    open("acc_2");
    bank.accounts.push_back(account_json("acc_closed", "2026-02-20T00:00:00Z", true));
    bank.transactions["acc_closed"] = {};
    hooks.integration = integration_id{7};
  }

  void open(const std::string& id) {
    bank.accounts.push_back(account_json(id, "2026-02-20T00:00:00Z"));
    bank.transactions[id] = {};
  }

  testing::run_report run() {
    driver.webhooks = &hooks;
    asked.clear();
    auto report = driver.run(provider);
    EXPECT_THAT(report.violations, IsEmpty());
    EXPECT_THAT(report.texts, Each(Not(HasSubstr("hook-SECRET")))) << "what is stored or shown holds no address";
    return report;
  }

  result<net::http_response> answer(const net::http_request& request) {
    const auto url = net::parse_url(request.url).value();
    if (!url.path.starts_with("/webhooks"))
      return bank.answer(request);
    asked.push_back(request.method);
    if (!unreadable.empty())
      return testing::answer(200, unreadable);
    if (!failing.empty() && failing.starts_with(request.method) && --failing_from < 1) {
      const auto status = std::stoi(failing.substr(failing.find(' ')));
      if (!fails_always)
        failing.clear();
      return testing::answer(status, R"({"code":")" + failing_code + R"("})");
    }
    EXPECT_THAT(std::string(request.headers.value_or("Authorization", "")), StartsWith("Bearer "));
    if (request.method == "GET")
      return list(std::string(net::find_parameter(net::parse_query(url.query), "account_id").value_or("")));
    if (request.method == "DELETE") {
      const auto id = url.path.substr(std::string("/webhooks/").size());
      for (auto& [account, all] : registered)
        std::erase_if(all, [&](const auto& each) { return each.first == id; });
      return testing::answer(200, fixture("webhook_deleted.json"));
    }
    EXPECT_EQ(request.headers.value_or("Content-Type", ""), "application/x-www-form-urlencoded");
    const auto form = net::parse_query(request.body);
    registered[std::string(net::find_parameter(form, "account_id").value_or(""))].emplace_back(
      "webhook_" + std::to_string(++last_id), std::string(net::find_parameter(form, "url").value_or("")));
    return testing::answer(200, fixture("webhook_registered.json"));
  }
  net::http_response list(const std::string& account) {
    std::string text;
    for (const auto& [id, url] : registered[account])
      text += (text.empty() ? "" : ",") + (R"({"account_id":")" + account) + R"(","id":")" + id + R"(","url":")" + url +
              R"("})";
    return testing::answer(200, R"({"webhooks":[)" + text + "]}");
  }

  void expect_one_good_address() {
    for (const auto* account : {"acc_1", "acc_2"}) {
      ASSERT_EQ(urls(account).size(), 1u);
      const auto secret = urls(account).front().substr(hooks.url_of("").size());
      EXPECT_EQ(hooks.committed, std::string(secret.rbegin(), secret.rend()));
    }
  }
  std::vector<std::string> urls(const std::string& account) {
    std::vector<std::string> all;
    for (const auto& [id, url] : registered[account])
      all.push_back(url);
    return all;
  }
  /// As if the process died between the registration and the commit of its secret.
  void lose_last_commit() {
    hooks.committed.clear();
    driver.cursors.erase("webhooks");
  }

  small_monzo bank;
  testing::scripted_webhooks hooks{"monzo"};
  std::map<std::string, std::vector<std::pair<std::string, std::string>>> registered; ///< id and URL, by account
  std::vector<std::string> asked;                                                     ///< methods, about webhooks
  std::string failing;  ///< "POST 503": the next such request is answered so
  int failing_from = 1; ///< the first such request that is
  std::string failing_code = "refused";
  bool fails_always = false; ///< not only the next
  std::string unreadable;    ///< all answers, if it is not empty
  int last_id = 0;
  provider_stand_in provider{[this](const net::http_request& request) { return answer(request); }};
  testing::run_driver driver{built_monzo(2), "monzo", today};
};

TEST_F(monzo_webhook_registration, EachOpenAccountGetsTheSameAddressAndIsLookedAtOnceADay) {
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(asked, ElementsAre("GET", "GET", "POST", "POST"));
  const auto address = hooks.url_of("hook-SECRET-1");
  EXPECT_THAT(urls("acc_1"), ElementsAre(address));
  EXPECT_THAT(urls("acc_2"), ElementsAre(address));
  EXPECT_THAT(urls("acc_closed"), IsEmpty());
  EXPECT_EQ(hooks.committed, "1-TERCES-kooh") << "good from the commit of the unit on";
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(asked, IsEmpty());
  driver.clock.advance(webhook_check);
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(asked, ElementsAre("GET", "GET")) << "all is as it should be";
  EXPECT_EQ(hooks.committed, "1-TERCES-kooh");
}

TEST_F(monzo_webhook_registration, ARegistrationWhoseCommitWasLostIsMendedByTheNextRun) {
  run();
  lose_last_commit();
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(asked, ElementsAre("GET", "GET", "POST", "POST", "DELETE", "DELETE"));
  EXPECT_EQ(hooks.committed.front(), static_cast<char>('0' + hooks.made));
  EXPECT_THAT(urls("acc_1"), ElementsAre(hooks.url_of("hook-SECRET-" + std::to_string(hooks.made))));
  EXPECT_EQ(urls("acc_2"), urls("acc_1"));
}

TEST_F(monzo_webhook_registration, AnAddressThatSomebodyReplacedIsFoundWithinADay) {
  run();
  hooks.committed = "another"; // penstock integrations webhook ID
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(asked, IsEmpty());
  driver.clock.advance(webhook_check);
  EXPECT_TRUE(run().clean());
  EXPECT_NE(hooks.committed, "another");
  EXPECT_EQ(urls("acc_1").size(), 1u);
}

TEST_F(monzo_webhook_registration, AddressesOfOthersAreLeftAlone) {
  const auto sample = boost::json::parse(fixture("webhooks_list.json"));
  for (const auto& each : sample.at("webhooks").as_array())
    registered["acc_1"].emplace_back(std::string(each.at("id").as_string()), std::string(each.at("url").as_string()));
  EXPECT_TRUE(run().clean());
  ASSERT_EQ(registered["acc_1"].size(), 3u);
  EXPECT_EQ(registered["acc_1"][0].first, "webhook_000091yhhOmrXQaVZ1Irsv");
  EXPECT_EQ(registered["acc_1"][1].first, "webhook_000091yhhzvJSxLYGAceC9");
}

TEST_F(monzo_webhook_registration, AJointAccountHasAnAddressOfEachOfItsPeople) {
  hooks.anothers = hooks.url_of("hook-SECRET-partner");
  registered["acc_1"] = {{"webhook_partner", hooks.anothers}};
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(urls("acc_1"), ElementsAre(hooks.anothers, hooks.url_of("hook-SECRET-1")));
}

TEST_F(monzo_webhook_registration, AnAccountThatIsNewGetsTheAddressThatTheOthersHave) {
  run();
  open("acc_3");
  EXPECT_TRUE(run().clean());
  EXPECT_EQ(urls("acc_3"), urls("acc_1"));
  EXPECT_EQ(hooks.committed, "1-TERCES-kooh") << "none of the others has to be told anew";
}

TEST_F(monzo_webhook_registration, AnAccountThatIsNotFollowedAnyMoreIsLeft) {
  run();
  bank.accounts[1] = account_json("acc_2", "2026-02-20T00:00:00Z", true);
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(urls("acc_2"), IsEmpty());
  EXPECT_EQ(urls("acc_1").size(), 1u);
}

TEST_F(monzo_webhook_registration, OfTwoGoodOnesOneIsRemoved) {
  run();
  registered["acc_1"].emplace_back("webhook_twice", urls("acc_1").front());
  driver.clock.advance(webhook_check);
  EXPECT_TRUE(run().clean());
  EXPECT_EQ(registered["acc_1"].size(), 1u);
  EXPECT_NE(registered["acc_1"].front().first, "webhook_twice");
}

TEST_F(monzo_webhook_registration, ANodeThatNobodyReachesSaysSoOnceAndPolls) {
  hooks.reachable = false;
  const auto first = run();
  EXPECT_TRUE(first.clean());
  EXPECT_THAT(first.log, Contains(HasSubstr("set http.public_url")));
  EXPECT_THAT(run().log, Not(Contains(HasSubstr("public_url"))));
  driver.clock.advance(webhook_check);
  EXPECT_THAT(run().log, Not(Contains(HasSubstr("public_url"))));
  EXPECT_THAT(asked, IsEmpty());
  hooks.reachable = true;
  EXPECT_TRUE(run().clean());
  EXPECT_EQ(urls("acc_1").size(), 1u) << "at once, when it can be";
}

TEST_F(monzo_webhook_registration, ANodeOnLoopbackTellsNothingToAProviderOnTheInternet) {
  hooks.node = "http://127.0.0.1:8080";
  EXPECT_THAT(run().log, Contains(HasSubstr("Monzo cannot reach http://127.0.0.1:8080: set http.public_url")));
  EXPECT_THAT(asked, IsEmpty());
  EXPECT_TRUE(check_webhook_reach("http://127.0.0.1:8080/x", "http://localhost:8090/monzo", "Monzo"));
  EXPECT_TRUE(check_webhook_reach("http://[::1]:8080/x", "http://127.0.0.1:8090/monzo", "Monzo"));
  EXPECT_TRUE(check_webhook_reach("https://node.example/x", "http://127.0.0.1:8090/monzo", "Monzo"));
  EXPECT_FALSE(check_webhook_reach("http://localhost:8080/x", "https://api.monzo.com", "Monzo"));
}

TEST_F(monzo_webhook_registration, SwitchedOffItTakesBackWhatItRegistered) {
  run();
  testing::run_driver off(built_monzo(2, days{14}, false), "monzo", today);
  off.webhooks = &hooks;
  off.cursors = driver.cursors;
  for (auto& [stream, cursor] : off.cursors)
    cursor.run = {}; // of the other driver, which counts its runs for itself
  asked.clear();
  auto report = off.run(provider);
  EXPECT_TRUE(report.clean());
  EXPECT_THAT(report.log, Contains(HasSubstr("switched off")));
  EXPECT_THAT(urls("acc_1"), IsEmpty());
  EXPECT_THAT(urls("acc_2"), IsEmpty());
  asked.clear();
  report = off.run(provider);
  EXPECT_THAT(report.log, Not(Contains(HasSubstr("switched off"))));
  EXPECT_THAT(asked, IsEmpty());
}

TEST_F(monzo_webhook_registration, AnOutageFailsNoSyncAndIsFollowedByOneGoodAddressInAnHour) {
  for (const std::string what : {"GET 503", "GET 429", "POST 500", "POST 429", "DELETE 503"}) {
    SCOPED_TRACE(what);
    if (!what.starts_with("DELETE"))
      registered.clear();
    lose_last_commit();
    failing = what;
    fails_always = true;
    const auto report = run();
    EXPECT_TRUE(report.clean()) << "webhooks are early, never needed";
    EXPECT_THAT(report.log, Contains(HasSubstr("asked again in an hour")));
    EXPECT_EQ(std::count(asked.begin(), asked.end(), what.substr(0, what.find(' '))), 1) << "no more after a failure";
    run();
    EXPECT_THAT(asked, IsEmpty());
    fails_always = false;
    failing.clear();
    driver.clock.advance(webhook_retry);
    EXPECT_TRUE(run().clean());
    expect_one_good_address();
  }
}

TEST_F(monzo_webhook_registration, AnOutageHalfWayKeepsWhatWasRegistered) {
  failing = "POST 503";
  failing_from = 2;
  EXPECT_TRUE(run().clean());
  EXPECT_EQ(hooks.committed, "1-TERCES-kooh");
  EXPECT_THAT(urls("acc_1"), ElementsAre(hooks.url_of("hook-SECRET-1")));
  EXPECT_THAT(urls("acc_2"), IsEmpty());
  driver.clock.advance(webhook_retry);
  EXPECT_TRUE(run().clean());
  EXPECT_EQ(hooks.committed, "1-TERCES-kooh");
  expect_one_good_address();
}

TEST_F(monzo_webhook_registration, AnAccountThatIsGoneIsLeftAfterTheOutageToo) {
  run();
  bank.accounts[1] = account_json("acc_2", "2026-02-20T00:00:00Z", true);
  failing = "DELETE 503";
  EXPECT_TRUE(run().clean());
  EXPECT_EQ(urls("acc_2").size(), 1u);
  driver.clock.advance(webhook_retry);
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(urls("acc_2"), IsEmpty());
  EXPECT_EQ(urls("acc_1").size(), 1u);
}

TEST_F(monzo_webhook_registration, AnAccountThatCannotBeReadKeepsItsAddress) {
  run();
  const auto good = bank.accounts[1];
  bank.accounts[1] = R"({"id":"acc_2","created":7})";
  const auto report = run();
  EXPECT_EQ(report.row_errors.size(), 1u);
  EXPECT_THAT(asked, IsEmpty());
  driver.clock.advance(webhook_check);
  run();
  EXPECT_THAT(asked, ElementsAre("GET", "GET"));
  bank.accounts[1] = good;
  EXPECT_TRUE(run().clean());
  expect_one_good_address();
}

TEST_F(monzo_webhook_registration, WhereNoAccountIsLeftAllAddressesAreTakenBack) {
  run();
  bank.accounts.clear();
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(urls("acc_1"), IsEmpty());
  EXPECT_THAT(urls("acc_2"), IsEmpty());
}

TEST_F(monzo_webhook_registration, OfManyAccountsTheSameOnesAreChosenInWhateverOrderTheyCome) {
  for (int i = 10; i < 40; ++i)
    open("acc_" + std::to_string(i));
  EXPECT_TRUE(run().clean());
  EXPECT_EQ(std::count(asked.begin(), asked.end(), "POST"), 20);
  std::reverse(bank.accounts.begin(), bank.accounts.end());
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(asked, IsEmpty());
}

TEST_F(monzo_webhook_registration, WhatMonzoRefusesIsSaidAndTriedAgainTomorrow) {
  const std::vector<std::pair<std::string, std::string>> refusals{
    {"GET 403", "forbidden.insufficient_permissions"}, {"POST 403", "forbidden.insufficient_permissions"},
    {"GET 403", "forbidden.verification_required"},    {"GET 404", "not_found"},
    {"POST 400", "bad_request.bad_param.url"},
  };
  for (const auto& [what, code] : refusals) {
    SCOPED_TRACE(what + " " + code);
    failing_code = code;
    registered.clear();
    lose_last_commit();
    failing = what;
    fails_always = true;
    const auto refused = run();
    EXPECT_TRUE(refused.clean()) << "syncs find what webhooks would tell";
    EXPECT_THAT(refused.log, Contains(HasSubstr("come with the next sync")));
    EXPECT_EQ(hooks.committed, "") << "no secret without an address";
    run();
    EXPECT_THAT(asked, IsEmpty());
    fails_always = false;
    failing.clear();
    driver.clock.advance(webhook_check);
    run();
    EXPECT_EQ(urls("acc_1").size(), 1u);
  }
}

TEST_F(monzo_webhook_registration, AnAnswerThatCannotBeReadIsAnOutage) {
  for (const std::string body : {R"({"webhooks":7})", R"({"webhooks":[)"}) {
    SCOPED_TRACE(body);
    driver.cursors.erase("webhooks");
    unreadable = body;
    const auto report = run();
    EXPECT_TRUE(report.clean());
    EXPECT_THAT(report.log, Contains(HasSubstr("asked again in an hour")));
    EXPECT_THAT(asked, ElementsAre("GET"));
    EXPECT_EQ(hooks.committed, "");
  }
}

TEST(monzo_webhook_state, IsReadBackAndWhatIsNoneMeansNothing) {
  webhook_state state{today, {"acc_1", "acc_2"}, "because", true};
  const auto read = parse_webhook_state(to_text(state));
  EXPECT_EQ(read.checked_at, today);
  EXPECT_EQ(read.accounts, state.accounts);
  EXPECT_EQ(read.off, "because");
  EXPECT_TRUE(read.unfinished);
  for (const auto* text : {"", "{}", "[]", R"({"last_id":"tx_1"})", R"({"checked_at":"soon"})"})
    EXPECT_TRUE(webhook_check_is_due(parse_webhook_state(text), {}, today)) << text;
}

TEST(monzo_webhook_state, AClockThatWentBackCostsALookNotAYear) {
  const webhook_state last{today, {"acc_1"}, "", false};
  EXPECT_FALSE(webhook_check_is_due(last, {"acc_1"}, today + hours{23}));
  EXPECT_TRUE(webhook_check_is_due(last, {"acc_1"}, today + webhook_check));
  EXPECT_TRUE(webhook_check_is_due(last, {"acc_1"}, today - hours{1}));
  EXPECT_TRUE(webhook_check_is_due(last, {"acc_1", "acc_2"}, today));
}

} // namespace
} // namespace penstock::connectors::monzo
