#include "connectors/monzo/transaction_rows.hpp"

#include "connectors/monzo/tables.hpp"

namespace penstock::connectors::monzo {
namespace {

const std::string good =
  R"({"id":"tx_1","created":"2026-02-01T10:00:00Z","amount":-250,"currency":"GBP","settled":""})";

row_page read(const std::string& items) {
  auto body = R"({"transactions":[)" + items + "]}";
  auto page = read_transactions(body, "acc_1");
  EXPECT_TRUE(page) << page.error().message;
  return page ? std::move(*page) : row_page{};
}

column_value column_of(const std::string& more, transaction_column column) {
  const auto page = read(good.substr(0, good.size() - 1) + more + "}");
  EXPECT_TRUE(page.errors.empty());
  return page.rows.empty() ? column_value{} : page.rows.front().values[column];
}

TEST(monzo_transaction_rows, EmptySettledMeansPending) {
  const auto page = read(good);
  ASSERT_EQ(page.rows.size(), 1u);
  EXPECT_EQ(page.rows[0].values[transaction_is_pending], column_value(std::int64_t{1}));
  EXPECT_EQ(page.rows[0].values[transaction_settled_at], column_value());
}

TEST(monzo_transaction_rows, DeclinedIsNotPendingThoughItNeverSettles) {
  const std::string declined = R"(,"decline_reason":"INSUFFICIENT_FUNDS")";
  EXPECT_EQ(column_of(declined, transaction_is_pending), column_value(std::int64_t{0}));
  EXPECT_EQ(column_of(declined, transaction_settled_at), column_value());
  EXPECT_EQ(column_of(declined, transaction_decline_reason), column_value(std::string("INSUFFICIENT_FUNDS")));
  EXPECT_EQ(column_of(R"(,"decline_reason":"")", transaction_is_pending), column_value(std::int64_t{1}));
}

TEST(monzo_transaction_rows, MerchantIsNullOrAnIdOrAnObject) {
  EXPECT_EQ(column_of(R"(,"merchant":null)", transaction_merchant_name), column_value());
  EXPECT_EQ(column_of(R"(,"merchant":"merch_1")", transaction_merchant_name), column_value());
  EXPECT_EQ(column_of(R"(,"merchant":{"id":"m","address":{"name":"no"},"name":"Caf\u00e9"},"category":"x")",
                      transaction_merchant_name),
            column_value(std::string("Caf\u00e9")));
  EXPECT_EQ(column_of(R"(,"merchant":{"name":"A"},"category":"eating_out")", transaction_category),
            column_value(std::string("eating_out")));
}

TEST(monzo_transaction_rows, LocalMoneyStaysUnknownWhereMonzoDoesNotTellIt) {
  EXPECT_EQ(column_of("", transaction_local_amount), column_value());
  EXPECT_EQ(column_of(R"(,"local_amount":-300,"local_currency":"EUR")", transaction_local_amount),
            column_value(std::int64_t{-300}));
  EXPECT_EQ(column_of(R"(,"local_amount":-300,"local_currency":"EUR")", transaction_local_currency),
            column_value(std::string("EUR")));
}

TEST(monzo_transaction_rows, UpdatedIsTheVersion) {
  const auto page = read(good.substr(0, good.size() - 1) + R"(,"updated":"1970-01-01T00:00:02.5Z"})");
  ASSERT_EQ(page.rows.size(), 1u);
  EXPECT_EQ(page.rows[0].version, 2'500'000);
}

TEST(monzo_transaction_rows, RawIsTheTextAsItCame) {
  const std::string odd = R"({ "id" : "tx_2", "created":"2026-02-01T10:00:00Z",
      "amount":1 , "currency":"GBP", "x" : 1.50e1, "y":"}" })";
  const auto page = read(good + " ,\n " + odd + " \n");
  ASSERT_EQ(page.rows.size(), 2u);
  EXPECT_EQ(page.rows[0].values[transaction_raw], column_value(good));
  EXPECT_EQ(page.rows[1].values[transaction_raw], column_value(odd));
}

TEST(monzo_transaction_rows, WrongRowIsToldAndTheOthersKept) {
  const std::vector<std::string> wrong{
    "7",
    "null",
    "[]",
    R"("text")",
    "{}",
    R"({"created":"2026-02-01T10:00:00Z","amount":1,"currency":"GBP"})",
    R"({"id":"","created":"2026-02-01T10:00:00Z","amount":1,"currency":"GBP"})",
    R"({"id":"tx_9","amount":1,"currency":"GBP"})",
    R"({"id":"tx_9","created":"yesterday","amount":1,"currency":"GBP"})",
    R"({"id":"tx_9","created":"2026-02-01T10:00:00Z","currency":"GBP"})",
    R"({"id":"tx_9","created":"2026-02-01T10:00:00Z","amount":1.5,"currency":"GBP"})",
    R"({"id":"tx_9","created":"2026-02-01T10:00:00Z","amount":"1","currency":"GBP"})",
    R"({"id":"tx_9","created":"2026-02-01T10:00:00Z","amount":9999999999999999999,"currency":"GBP"})",
    R"({"id":"tx_9","created":"2026-02-01T10:00:00Z","amount":1,"currency":""})",
    R"({"id":"tx_9","created":"2026-02-01T10:00:00Z","amount":1,"currency":"GBP","settled":"soon"})",
    R"({"id":"tx_9","created":"2026-02-01T10:00:00Z","amount":1,"currency":"GBP","category":{"a":[1]}})",
    R"({"id":{"a":1},"created":"2026-02-01T10:00:00Z","amount":1,"currency":"GBP"})"};
  for (const auto& item : wrong) {
    SCOPED_TRACE(item);
    const auto page = read(good + "," + item + "," + good);
    EXPECT_EQ(page.rows.size(), 2u);
    ASSERT_EQ(page.errors.size(), 1u);
    EXPECT_EQ(page.errors[0].table, "monzo_transactions");
    EXPECT_EQ(page.errors[0].source_id, item.find("tx_9") != std::string::npos ? "tx_9" : "");
    EXPECT_TRUE(page.errors[0].message.starts_with("transaction 2: ")) << page.errors[0].message;
  }
}

TEST(monzo_transaction_rows, BrokenPageIsFinalSinceReadingItAgainCannotHelp) {
  for (const std::string text : {"", "{", R"({"transactions":[)", R"({"transactions":{}})", "[]",
                                 R"({"transactions":[{"id":"tx_1","x":12y}]})"}) {
    auto body = text;
    const auto page = read_transactions(body, "acc_1");
    ASSERT_FALSE(page) << text;
    EXPECT_EQ(page.error().cls(), error_class::final) << text;
  }
}

} // namespace
} // namespace penstock::connectors::monzo
