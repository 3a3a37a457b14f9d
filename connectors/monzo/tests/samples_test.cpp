// Recorded answers of Monzo, and the rows that a person reads in them.
#include <fstream>
#include <sstream>

#include <boost/json.hpp>

#include "connectors/monzo/account_rows.hpp"
#include "connectors/monzo/balance_rows.hpp"
#include "connectors/monzo/bank_day.hpp"
#include "connectors/monzo/page_check.hpp"
#include "connectors/monzo/pot_rows.hpp"
#include "connectors/monzo/service.hpp"
#include "connectors/monzo/tables.hpp"
#include "connectors/monzo/transaction_rows.hpp"
#include "connectors/testing/provider_stand_in.hpp"
#include "core/rfc3339.hpp"
#include "net/oauth2.hpp"

namespace penstock::connectors::monzo {
namespace {

std::string fixture(const std::string& name) {
  std::ifstream file(std::string(PENSTOCK_SOURCE_DIR) + "/connectors/monzo/fixtures/" + name);
  EXPECT_TRUE(file) << name;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The text of the object that a sample is about: itself, or the one under "transaction" or "data".
std::string object_text(const std::string& whole) {
  for (const std::string key : {"\"transaction\":", "\"data\":"})
    if (const auto at = whole.find(key); at != std::string::npos)
      return whole.substr(at + key.size(), whole.find_last_of('}') - at - key.size());
  return whole;
}

std::int64_t micros(const boost::json::value& time) {
  return parse_rfc3339(std::string(time.as_string())).value().time_since_epoch().count();
}

column_value expected_value(const boost::json::object& row, const std::string& column) {
  const auto& value = row.at(column);
  if (value.is_null())
    return std::monostate{};
  if (value.is_int64())
    return value.as_int64();
  if (column == "created_at" || column == "settled_at")
    return micros(value);
  return std::string(value.as_string());
}

void expect_rows(const std::string& sample, const std::vector<synced_row>& rows, const table_schema& schema) {
  SCOPED_TRACE(sample);
  const auto text = fixture(sample);
  const auto all = boost::json::parse(fixture("expected_rows.json"));
  const auto& expected = all.at(sample).as_array();
  ASSERT_EQ(rows.size(), expected.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& wanted = expected[i].as_object();
    EXPECT_EQ(rows[i].source_id, std::string(wanted.at("source_id").as_string()));
    EXPECT_EQ(rows[i].version, wanted.at("version").is_null() ? 0 : micros(wanted.at("version")));
    EXPECT_EQ(rows[i].deleted, wanted.contains("deleted") && wanted.at("deleted").as_bool());
    for (std::size_t at = 0; at < schema.columns.size(); ++at) {
      const auto& name = schema.columns[at].name;
      if (name == "raw") {
        const auto& raw = std::get<std::string>(rows[i].values[at]);
        EXPECT_NE(text.find(raw), std::string::npos) << "not as it came: " << raw;
        const auto kept = boost::json::parse(raw).as_object();
        EXPECT_EQ(kept.contains("id") ? kept.at("id").as_string() : boost::json::string(rows[i].source_id),
                  rows[i].source_id);
      } else {
        EXPECT_EQ(rows[i].values[at], expected_value(wanted, name)) << name;
      }
    }
  }
}

TEST(monzo_samples, TransactionsBecomeTheRowsThatAPersonReadsInThem) {
  const auto schema = tables()[1];
  auto list = fixture("transactions_list.json");
  const auto page = read_transactions(list, "acc_asked");
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_TRUE(page->errors.empty());
  expect_rows("transactions_list.json", page->rows, schema);
  for (const std::string sample :
       {"transaction_annotated.json", "transaction_expanded_merchant.json", "transaction_full_0.json",
        "transaction_full_1.json", "webhook_transaction_created_docs.json"}) {
    auto body = R"({"transactions":[)" + object_text(fixture(sample)) + "]}";
    const auto one = read_transactions(body, "acc_asked");
    ASSERT_TRUE(one) << one.error().message;
    EXPECT_TRUE(one->errors.empty());
    expect_rows(sample, one->rows, schema);
  }
}

TEST(monzo_samples, PotsBecomeRows) {
  for (const std::string sample : {"pots_list.json", "pot_full.json", "pot_deposit.json", "pot_withdraw.json"}) {
    const auto text = fixture(sample);
    auto body = sample == "pots_list.json" ? text : R"({"pots":[)" + text + "]}";
    const auto page = read_pots(body, "acc_asked");
    ASSERT_TRUE(page) << page.error().message;
    EXPECT_TRUE(page->errors.empty());
    expect_rows(sample, page->rows, tables()[2]);
  }
}

TEST(monzo_samples, ABalanceBecomesTheRowOfItsDay) {
  auto body = fixture("balance.json");
  EXPECT_TRUE(check_balance(body));
  // Midnight in London, in summer.
  const auto read_at = parse_rfc3339("2026-07-09T23:00:00Z").value();
  const auto page = read_balance(body, {"acc_asked", bank_day(read_at).value(), read_at});
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_TRUE(page->errors.empty());
  expect_rows("balance.json", page->rows, tables()[3]);
}

TEST(monzo_samples, TokensAreReadWithTheirLifetime) {
  const auto now = parse_rfc3339("2026-03-01T00:00:00Z").value();
  for (const auto& [sample, access, refresh] :
       {std::tuple{"token_authorization_code.json", "access_token", "refresh_token"},
        {"token_refresh.json", "access_token_2", "refresh_token_2"}}) {
    const auto grant = net::read_token_answer(*make_service({}).oauth, testing::answer(200, fixture(sample)), now);
    ASSERT_TRUE(grant) << grant.error().message;
    EXPECT_EQ(grant->access_token, access);
    EXPECT_EQ(grant->refresh_token, refresh);
    EXPECT_EQ(grant->expires_in, std::chrono::hours{6});
  }
}

TEST(monzo_samples, ARefreshTokenThatIsSpentOrEvictedNeedsAPerson) {
  const auto recorded = boost::json::parse(fixture("errors.json"));
  for (const auto& code : recorded.at("open_banking_errors").at("refresh").as_array()) {
    const auto body = boost::json::serialize(boost::json::object{{"code", code}, {"message", "refused"}});
    const auto grant = net::read_token_answer(*make_service({}).oauth, testing::answer(400, body), {});
    ASSERT_FALSE(grant);
    EXPECT_EQ(grant.error().code, error_code::requires_reauth) << code;
  }
}

TEST(monzo_samples, AccountsBecomeRows) {
  auto body = fixture("accounts_docs.json");
  const auto page = read_accounts(body);
  ASSERT_TRUE(page) << page.error().message;
  expect_rows("accounts_docs.json", page->rows, tables()[0]);
}

TEST(monzo_samples, FieldsThatNobodyKnowsAreKeptWithTheRow) {
  auto body = R"({"transactions":[)" + fixture("transaction_full_0.json") + "]}";
  const auto page = read_transactions(body, "acc_asked");
  ASSERT_TRUE(page && page->rows.size() == 1);
  const auto raw = boost::json::parse(std::get<std::string>(page->rows[0].values[transaction_raw]));
  EXPECT_EQ(raw, boost::json::parse(fixture("transaction_full_0.json")));
  EXPECT_TRUE(raw.as_object().contains("can_split_the_bill"));
}

} // namespace
} // namespace penstock::connectors::monzo
