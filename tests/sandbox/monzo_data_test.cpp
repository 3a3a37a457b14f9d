#include "tests/sandbox/small_sandbox.hpp"

#include <map>
#include <set>

namespace penstock::sandbox::testing {
namespace {

small_sandbox::setup four_accounts(std::uint64_t transactions = 250, std::uint64_t seed = 1) {
  small_sandbox::setup out;
  out.data.accounts = 4;
  out.data.transactions = transactions;
  out.data.seed = seed;
  out.oauth.seed = seed;
  return out;
}

std::string everything(small_sandbox& sandbox, const std::string& token) {
  std::string out = sandbox.get("/monzo/accounts", token).body;
  for (const auto& account : account_ids(sandbox, token))
    for (const auto& each : read_all(sandbox, token, account))
      out += json::serialize(each);
  return out;
}

/// As a program that reads everything would add it up.
json::object totals_by_reading(small_sandbox& sandbox, const std::vector<std::string>& tokens) {
  std::int64_t accounts = 0, rows = 0, pots = 0, deleted = 0;
  std::map<std::string, std::map<std::string, std::int64_t>> sums;
  for (const auto& token : tokens)
    for (const auto& account : account_ids(sandbox, token)) {
      ++accounts;
      for (const auto& each : read_all(sandbox, token, account)) {
        ++rows;
        sums["amount"][text_at(each, "currency")] += each.at("amount").as_int64();
      }
      const auto balance = object_of(sandbox.get("/monzo/balance?account_id=" + account, token));
      for (const auto* what : {"balance", "total_balance"})
        sums[what][text_at(balance, "currency")] += balance.at(what).as_int64();
      const auto listed = object_of(sandbox.get("/monzo/pots?current_account_id=" + account, token));
      for (const auto& each : listed.at("pots").as_array()) {
        const bool is_deleted = each.at("deleted").as_bool();
        ++(is_deleted ? deleted : pots);
        if (!is_deleted)
          sums["pots"][text_at(each.as_object(), "currency")] += each.at("balance").as_int64();
      }
    }
  const auto by_currency = [&](const std::string& what) {
    json::object out;
    for (const auto& [currency, sum] : sums[what])
      out[currency] = sum;
    return out;
  };
  return {{"monzo_transactions", {{"rows", rows}, {"sums", {{"amount", by_currency("amount")}}}}},
          {"monzo_accounts", {{"rows", accounts}}},
          {"monzo_pots", {{"rows", pots}, {"deleted", deleted}, {"sums", {{"balance", by_currency("pots")}}}}},
          {"monzo_balances",
           {{"rows", accounts},
            {"sums", {{"balance", by_currency("balance")}, {"total_balance", by_currency("total_balance")}}}}}};
}

json::object monzo_totals(small_sandbox& sandbox, const std::string& query = {}) {
  return object_of(sandbox.get("/sandbox/totals" + query)).at("monzo").at("tables").as_object();
}

TEST(sandbox_monzo_data, SameSeedMakesTheSameData) {
  small_sandbox one(four_accounts()), two(four_accounts()), other(four_accounts(250, 2));
  const auto first = everything(one, one.sign_in().access);
  EXPECT_EQ(first, everything(two, two.sign_in().access));
  EXPECT_NE(first, everything(other, other.sign_in().access));
}

TEST(sandbox_monzo_data, UsersHaveAccountsOfTheirOwn) {
  small_sandbox sandbox;
  const auto one = sandbox.sign_in(), two = sandbox.sign_in();
  const auto mine = account_ids(sandbox, one.access), theirs = account_ids(sandbox, two.access);
  EXPECT_NE(mine, theirs);
  EXPECT_EQ(code_of(sandbox.get("/monzo/transactions?account_id=" + theirs[0], one.access)), "404 not_found.account");
}

TEST(sandbox_monzo_data, AccountsAreOrdinaryJointClosedAndInEuro) {
  small_sandbox sandbox(four_accounts());
  const auto body = object_of(sandbox.get("/monzo/accounts", sandbox.sign_in().access));
  std::string seen;
  for (const auto& each : body.at("accounts").get_array())
    seen += text_at(each.get_object(), "type") + (each.at("closed").as_bool() ? " closed " : " ") +
            text_at(each.get_object(), "currency") + '\n';
  EXPECT_EQ(seen, "uk_retail GBP\nuk_retail_joint GBP\nuk_retail closed GBP\nuk_retail EUR\n");
}

TEST(sandbox_monzo_data, AccountTypeFilters) {
  small_sandbox sandbox(four_accounts());
  const auto body = object_of(sandbox.get("/monzo/accounts?account_type=uk_retail_joint", sandbox.sign_in().access));
  EXPECT_EQ(body.at("accounts").get_array().size(), 1u);
}

TEST(sandbox_monzo_data, IdsAndTimesAscendTogetherAndIdsAreUnique) {
  small_sandbox sandbox(four_accounts());
  const auto token = sandbox.sign_in().access;
  std::set<std::string> ids;
  for (const auto& account : account_ids(sandbox, token)) {
    std::string last_id, last_created;
    for (const auto& each : read_all(sandbox, token, account)) {
      EXPECT_LT(last_id, text_at(each, "id"));
      EXPECT_LE(last_created, text_at(each, "created"));
      last_id = text_at(each, "id");
      last_created = text_at(each, "created");
      EXPECT_TRUE(ids.insert(last_id).second);
      EXPECT_EQ(last_id.size(), std::string_view("tx_00008zIcpb1TB4yeIFXMzx").size());
    }
  }
  EXPECT_EQ(ids.size(), 1000u);
}

TEST(sandbox_monzo_data, HasWhatClientsMustCopeWith) {
  small_sandbox sandbox(four_accounts(2000));
  const auto token = sandbox.sign_in().access;
  std::map<std::string, int> seen;
  for (const auto& each : read_all(sandbox, token, account_ids(sandbox, token)[0])) {
    const bool is_declined = each.contains("decline_reason");
    ++seen[text_at(each, "scheme")];
    seen["declined"] += is_declined;
    seen["pending"] += !is_declined && text_at(each, "settled").empty();
    seen["abroad"] += text_at(each, "local_currency") != text_at(each, "currency");
    seen["credit"] += each.at("amount").as_int64() > 0;
    seen["top up"] += each.at("is_load").as_bool();
    seen["notes"] += !text_at(each, "notes").empty();
    EXPECT_EQ(each.at("merchant").is_null(), text_at(each, "scheme") != "mastercard");
    EXPECT_LE(text_at(each, "created"), text_at(each, "updated"));
    EXPECT_EQ(each.at("categories").as_object().size(), 1u);
  }
  for (const auto* what : {"mastercard", "payport_faster_payments", "bacs", "p2p_payment", "uk_retail_pot",
                           "account_interest", "topup", "declined", "pending", "abroad", "credit", "top up", "notes"})
    EXPECT_GT(seen[what], 0) << what;
  EXPECT_LE(seen["pending"], 40);
}

TEST(sandbox_monzo_data, NothingLiesInTheFutureAndClosedAccountsEndEarlier) {
  small_sandbox sandbox(four_accounts());
  const auto token = sandbox.sign_in().access;
  const auto accounts = account_ids(sandbox, token);
  for (const auto& account : accounts)
    for (const auto& each : read_all(sandbox, token, account)) {
      EXPECT_LE(text_at(each, "created"), "2026-03-02T12:00:00.000Z");
      EXPECT_LE(text_at(each, "updated"), "2026-03-02T12:00:00.000Z");
    }
  EXPECT_LT(text_at(read_all(sandbox, token, accounts[2]).back(), "created"), "2026-02-11");
}

TEST(sandbox_monzo_data, ExpandedMerchantIsAnObjectAndOtherwiseItsId) {
  small_sandbox sandbox;
  const auto token = sandbox.sign_in().access;
  const auto account = account_ids(sandbox, token)[0];
  const auto plain = transactions_of(sandbox.get("/monzo/transactions?account_id=" + account, token));
  const auto expanded =
    transactions_of(sandbox.get("/monzo/transactions?expand%5B%5D=merchant&account_id=" + account, token));
  int cards = 0;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    if (plain[i].at("merchant").is_null())
      continue;
    ++cards;
    const auto& whole = expanded[i].at("merchant").as_object();
    EXPECT_EQ(text_at(whole, "id"), text_at(plain[i].as_object(), "merchant"));
    EXPECT_NE(text_at(whole, "name"), "");
  }
  EXPECT_GT(cards, 0);
}

TEST(sandbox_monzo_data, TotalsAreThoseOfAFaithfulCopyOfWhoConsented) {
  small_sandbox sandbox(four_accounts());
  EXPECT_EQ(monzo_totals(sandbox), totals_by_reading(sandbox, {}));
  const auto one = sandbox.sign_in(), two = sandbox.sign_in();
  const auto changed = sandbox.ask("POST", "/sandbox/change", R"({"add":7,"settle":3,"amend":2})");
  EXPECT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(monzo_totals(sandbox), totals_by_reading(sandbox, {one.access, two.access}));
  EXPECT_EQ(monzo_totals(sandbox, "?user=user_2"), totals_by_reading(sandbox, {two.access}));
}

} // namespace
} // namespace penstock::sandbox::testing
