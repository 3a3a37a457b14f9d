// What becomes of Monzo's webhooks, beside polls that bring the same.
#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <sstream>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "connectors/monzo/tests/small_monzo.hpp"
#include "connectors/testing/run_driver.hpp"
#include "net/url.hpp"

namespace penstock::connectors::monzo {
namespace {

using std::chrono::days;
using std::chrono::hours;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::provider_stand_in;

constexpr timestamp today{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

std::string told(const std::string& transaction) {
  return R"({"type":"transaction.created","data":)" + transaction + "}";
}

/// The same with the merchant's id alone, as requests that do not ask for more get it.
std::string with_merchant_id(std::string transaction) {
  const std::string whole = R"({"id":"merch_1","name":"A shop"})";
  return transaction.replace(transaction.find(whole), whole.size(), R"("merch_1")");
}

class monzo_webhook : public ::testing::Test {
protected:
  monzo_webhook() {
    bank.now = today;
    bank.accounts = {account_json("acc_1", "2026-02-20T00:00:00Z")};
    bank.transactions["acc_1"] = {};
    poll(); // so that what follows is no first sync
  }

  testing::run_report poll() { return checked(driver.run(provider)); }
  testing::run_report deliver(const std::string& body) { return checked(driver.run(provider, {delivery(body)})); }
  static job_request delivery(const std::string& body) {
    job_request job;
    job.kind = "monzo.webhook";
    job.payload = body;
    job.integration = integration_id{7};
    return job;
  }
  static testing::run_report checked(testing::run_report report) {
    EXPECT_THAT(report.violations, IsEmpty());
    return report;
  }

  /// Happens at Monzo: its object as the poll gives it.
  std::string spend(const std::string& id, bool settled = true) {
    small_transaction made{.id = id, .created = today - hours{1}, .settled = settled};
    bank.transactions["acc_1"].push_back(made);
    one_by_one[id] = transaction_json(made, "acc_1");
    return one_by_one[id];
  }

  std::vector<std::vector<column_value>> stored() const {
    return driver.tables.select("SELECT source_id, merchant_name FROM monzo_transactions ORDER BY source_id").rows;
  }
  column_value merchant_of_only_row() const {
    const auto rows = stored();
    EXPECT_EQ(rows.size(), 1u);
    return rows.empty() ? column_value{} : rows.front()[1];
  }

  result<net::http_response> answer(const net::http_request& request) {
    const auto path = net::parse_url(request.url).value().path;
    const std::string folder = "/transactions/";
    if (!path.starts_with(folder))
      return bank.answer(request);
    ++asked_for_one;
    const auto found = one_by_one.find(path.substr(folder.size()));
    if (is_down)
      return testing::answer(503, "{}");
    if (found == one_by_one.end())
      return testing::answer(404, R"({"code":"not_found.transaction"})");
    return testing::answer(200, R"({"transaction":)" + found->second + "}");
  }

  small_monzo bank;
  std::map<std::string, std::string> one_by_one; ///< what GET /transactions/{id} gives
  bool is_down = false;                          ///< for those alone
  int asked_for_one = 0;
  provider_stand_in provider{[this](const net::http_request& request) { return answer(request); }};
  testing::run_driver driver{built_monzo(2), "monzo", today};
};

TEST_F(monzo_webhook, ItAndThePollMeetInOneRowThatIsToldOnceInEitherOrder) {
  const auto first = spend("tx_1");
  EXPECT_EQ(deliver(told(first)).rows.added, 1);
  EXPECT_FALSE(poll().rows.changed());

  const auto second = spend("tx_2", false);
  EXPECT_EQ(poll().rows.added, 1);
  EXPECT_FALSE(deliver(told(second)).rows.changed());

  EXPECT_FALSE(deliver(told(first)).rows.changed()) << "Monzo sends again what it thinks was not taken";
  EXPECT_EQ(stored().size(), 2u);
  EXPECT_EQ(asked_for_one, 0) << "it says all that a poll would";
}

TEST_F(monzo_webhook, ItAndThePollAtOnceAreOneRowThatIsToldOnce) {
  job_request accounts;
  accounts.kind = "monzo.account_pull";
  accounts.stream = "accounts";
  accounts.integration = integration_id{7};
  int number = 0;
  for (const auto order : {testing::job_order::as_enqueued, testing::job_order::fetch_first})
    for (const bool webhook_first : {true, false}) {
      const auto body = told(spend("tx_" + std::to_string(++number)));
      std::vector<job_request> both{delivery(body), accounts};
      if (!webhook_first)
        std::swap(both[0], both[1]);
      const auto report = checked(driver.run(provider, std::move(both), order));
      EXPECT_TRUE(report.clean());
      EXPECT_EQ(report.rows.added, 1);
      EXPECT_EQ(report.rows.updated, 0);
    }
  EXPECT_EQ(stored().size(), 4u);
}

TEST_F(monzo_webhook, APoorerFormIsMadeWholeSoThatThePollFindsNothingNew) {
  const auto whole = spend("tx_1");
  EXPECT_EQ(deliver(told(with_merchant_id(whole))).rows.added, 1);
  EXPECT_EQ(merchant_of_only_row(), column_value{std::string("A shop")});
  EXPECT_EQ(asked_for_one, 1);
  EXPECT_FALSE(poll().rows.changed());
}

TEST_F(monzo_webhook, APoorerFormNeverReplacesARicherOneOfTheSameVersion) {
  is_down = true;
  const auto whole = spend("tx_1");
  poll();
  EXPECT_FALSE(deliver(told(with_merchant_id(whole))).rows.changed());
  EXPECT_EQ(merchant_of_only_row(), column_value{std::string("A shop")});
}

TEST_F(monzo_webhook, APoorerFormIsStoredWhereMonzoTellsNoMoreAndGrowsWithThePollForGood) {
  is_down = true;
  const auto whole = spend("tx_1");
  const auto report = deliver(told(with_merchant_id(whole)));
  EXPECT_TRUE(report.clean());
  EXPECT_THAT(report.log, Contains(HasSubstr("the next sync brings it")));
  EXPECT_EQ(asked_for_one, 1) << "asked once: somebody waits for the row";
  EXPECT_EQ(merchant_of_only_row(), column_value{std::monostate{}});
  EXPECT_EQ(poll().rows.updated, 1);
  EXPECT_EQ(merchant_of_only_row(), column_value{std::string("A shop")});
  EXPECT_FALSE(deliver(told(with_merchant_id(whole))).rows.changed()) << "and does not shrink again";
  EXPECT_FALSE(poll().rows.changed());
}

TEST_F(monzo_webhook, ANewerVersionReplacesAnOlderOneHoweverItComes) {
  small_transaction was{.id = "tx_1", .created = today - hours{3}, .settled = false};
  small_transaction is = was;
  is.settled = true;
  is.updated = today - hours{1};
  bank.transactions["acc_1"] = {was};
  poll();
  EXPECT_EQ(deliver(told(transaction_json(is, "acc_1"))).rows.updated, 1);
  EXPECT_FALSE(deliver(told(transaction_json(was, "acc_1"))).rows.changed()) << "one that came late";
  bank.transactions["acc_1"] = {is};
  EXPECT_FALSE(poll().rows.changed());
}

TEST_F(monzo_webhook, TheSampleOfMonzosDocumentsBecomesTheRowThatAPersonReadsInIt) {
  std::ifstream file(std::string(PENSTOCK_SOURCE_DIR) +
                     "/connectors/monzo/fixtures/webhook_transaction_created_docs.json");
  std::stringstream sample;
  sample << file.rdbuf();
  EXPECT_TRUE(deliver(sample.str()).clean());
  const auto rows =
    driver.tables
      .select("SELECT source_id, account_id, amount, currency, description, merchant_name, category, "
              "is_pending, created_at, settled_at, local_amount, decline_reason FROM monzo_transactions")
      .rows;
  constexpr std::int64_t created = 1'441'376'920'000'000, settled = created + 86'400'000'000;
  const std::vector<column_value> expected{std::string("tx_00008zjky19HyFLAzlUk7t"),
                                           std::string("acc_00008gju41AHyfLUzBUk8A"),
                                           std::int64_t{-350},
                                           std::string("GBP"),
                                           std::string("Ozone Coffee Roasters"),
                                           std::string("The De Beauvoir Deli Co."),
                                           std::string("eating_out"),
                                           std::int64_t{0},
                                           created,
                                           settled,
                                           std::monostate{},
                                           std::monostate{}};
  EXPECT_THAT(rows, ElementsAre(expected));
}

TEST_F(monzo_webhook, AccountsThatTheIntegrationDoesNotFollowAreLeftAlone) {
  const auto transaction = spend("tx_1");
  driver.account.config = R"({"account_types":["uk_business"]})";
  const auto report = deliver(told(transaction));
  EXPECT_TRUE(report.clean());
  EXPECT_THAT(report.log, Contains(HasSubstr("account_types")));
  EXPECT_THAT(stored(), IsEmpty());
  driver.account.config = R"({"account_types":["uk_retail"]})";
  EXPECT_EQ(deliver(told(transaction)).rows.added, 1);
  const auto unknown = transaction_json({.id = "tx_2", .created = today - hours{1}}, "acc_new");
  EXPECT_FALSE(deliver(told(unknown)).rows.changed()) << "nobody knows of what type it is";
  driver.account.config = "{}";
  EXPECT_EQ(deliver(told(unknown)).rows.added, 1) << "all are followed, also one that was opened this minute";
}

TEST_F(monzo_webhook, OtherTypesAreLeftAloneAndSaid) {
  const auto report = deliver(R"({"type":"transaction.updated","data":{"id":"tx_1"}})");
  EXPECT_TRUE(report.clean());
  EXPECT_THAT(report.log, Contains(HasSubstr("transaction.updated")));
  EXPECT_FALSE(report.rows.changed());
}

TEST_F(monzo_webhook, BodiesThatAreNoneFailForGoodAndSayWhatIsMissing) {
  const std::map<std::string, std::string> bodies{
    {"", "not JSON"},
    {R"({"type":"transaction.created","da)", "not JSON"},
    {"[]", "'type'"},
    {R"({"data":{}})", "'type'"},
    {R"({"type":7})", "'type'"},
    {R"({"type":"transaction.created"})", "'data'"},
    {R"({"type":"transaction.created","data":[]})", "'data'"},
    {told(R"({"id":"tx_1"})"), "'account_id'"},
    {told(R"({"account_id":"acc_1","created":"2026-02-28T00:00:00Z","amount":1,"currency":"GBP"})"), "'id'"},
    {told(R"({"id":"tx_1","account_id":"acc_1","created":"2026-02-28T00:00:00Z","amount":"1","currency":"GBP"})"),
     "'amount'"},
    {told(R"({"id":"tx_1","account_id":"acc_1","note":")" + std::string(70'000, 'x') + R"("})"), "too large"}};
  for (const auto& [body, missing] : bodies) {
    const auto report = deliver(body);
    ASSERT_EQ(report.failures.size(), 1u) << body;
    EXPECT_EQ(report.failures[0].problem.cls(), error_class::final) << body;
    EXPECT_THAT(report.failures[0].problem.message, HasSubstr("Monzo's webhook")) << body;
    EXPECT_THAT(report.failures[0].problem.message, HasSubstr(missing)) << body;
  }
  EXPECT_THAT(stored(), IsEmpty());
}

TEST_F(monzo_webhook, AJobWithoutExactlyOneTransactionIsRefused) {
  const auto one = transaction_json({.id = "tx_1", .created = today}, "acc_1");
  for (const auto& text : {std::string(), std::string(" "), one + "," + one}) {
    auto job = delivery("");
    job.kind = "monzo.webhook_transaction";
    job.args = boost::json::serialize(boost::json::object{{"account", "acc_1"}, {"transaction", text}});
    const auto report = checked(driver.run(provider, {job}));
    ASSERT_EQ(report.failures.size(), 1u) << text;
    EXPECT_EQ(report.failures[0].problem.cls(), error_class::final) << text;
  }
  EXPECT_THAT(stored(), IsEmpty());
}

} // namespace
} // namespace penstock::connectors::monzo
