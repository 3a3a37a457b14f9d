// Pots and balances: what follows from the transactions.
#include "tests/sandbox/small_sandbox.hpp"

#include <algorithm>
#include <map>

namespace penstock::sandbox::testing {
namespace {

class monzo_pots : public ::testing::Test {
protected:
  explicit monzo_pots(duration change_every = duration::zero(), std::uint32_t pots = 3)
      : sandbox(with(change_every, pots)) {
    token = sandbox.sign_in().access;
    account = account_ids(sandbox, token)[0];
  }
  static small_sandbox::setup with(duration change_every, std::uint32_t pots) {
    small_sandbox::setup out;
    out.data.accounts = 4;
    out.data.pots = pots;
    out.data.change_every = change_every;
    out.oauth.token_lifetime = std::chrono::days(30);
    return out;
  }
  net::http_reply change(const std::string& body) { return sandbox.ask("POST", "/sandbox/change", body); }
  json::array pots_of(const std::string& id) {
    return object_of(sandbox.get("/monzo/pots?current_account_id=" + id, token)).at("pots").as_array();
  }
  json::object balance_of(const std::string& id) {
    return object_of(sandbox.get("/monzo/balance?account_id=" + id, token));
  }

  /// What an account and its pots held if each transaction were taken back: the same at any time if all agrees.
  std::map<std::string, std::int64_t> without_transactions(const std::string& id) {
    std::map<std::string, std::int64_t> held;
    for (const auto& each : pots_of(id))
      held[text_at(each.as_object(), "id")] = each.at("balance").as_int64();
    held["account"] = balance_of(id).at("balance").as_int64();
    for (const auto& each : read_all(sandbox, token, id)) {
      const auto amount = each.contains("decline_reason") ? 0 : each.at("amount").as_int64();
      held["account"] -= amount;
      if (text_at(each, "scheme") == "uk_retail_pot")
        held.at(text_at(each.at("metadata").as_object(), "pot_id")) += amount;
    }
    return held;
  }
  void expect_totals(const std::string& id) {
    std::int64_t in_pots = 0;
    for (const auto& each : pots_of(id)) {
      EXPECT_GE(each.at("balance").as_int64(), 0);
      EXPECT_TRUE(!each.at("deleted").as_bool() || each.at("balance").as_int64() == 0);
      in_pots += each.at("balance").as_int64();
    }
    const auto balance = balance_of(id);
    EXPECT_EQ(balance.at("total_balance").as_int64(), balance.at("balance").as_int64() + in_pots);
  }

  small_sandbox sandbox;
  std::string token, account;
};

TEST_F(monzo_pots, HaveMonzosFieldsAndOneOfThemIsDeleted) {
  const auto pots = pots_of(account);
  ASSERT_EQ(pots.size(), 3u);
  for (const auto* field :
       {"name", "style", "balance", "currency", "goal_amount", "type", "product_id", "current_account_id", "round_up",
        "round_up_multiplier", "is_tax_pot", "created", "updated", "deleted", "locked", "available_for_bills"})
    EXPECT_TRUE(pots[0].as_object().contains(field)) << field;
  EXPECT_FALSE(pots[0].at("deleted").as_bool());
  EXPECT_TRUE(pots[2].at("deleted").as_bool());
  EXPECT_GT(pots[0].at("balance").as_int64(), 0);
  EXPECT_EQ(text_at(pots[0].as_object(), "current_account_id"), account);
  EXPECT_EQ(code_of(sandbox.get("/monzo/pots?account_id=" + account, token)),
            "400 bad_request.missing_param.current_account_id");
}

TEST_F(monzo_pots, OfAClosedAccountAreAllDeletedAndItHoldsNothing) {
  const auto closed = account_ids(sandbox, token)[2];
  for (const auto& each : pots_of(closed))
    EXPECT_TRUE(each.at("deleted").as_bool());
  EXPECT_EQ(balance_of(closed).at("balance").as_int64(), 0);
  expect_totals(closed);
}

TEST_F(monzo_pots, EachMoveIsATransactionAndAllBalancesFollow) {
  const auto before = without_transactions(account);
  const auto changed = object_of(change(R"({"deposit":2,"add":60,"settle":3})"));
  const auto deposited = text_at(
    object_of(sandbox.get("/monzo/transactions/" + std::string(changed.at("deposited").at(0).as_string()), token))
      .at("transaction")
      .as_object(),
    "scheme");
  EXPECT_EQ(deposited, "uk_retail_pot");
  EXPECT_EQ(without_transactions(account), before);
  expect_totals(account);
}

TEST_F(monzo_pots, ADeletedPotIsEmptiedByATransactionAndStaysListed) {
  const auto before = without_transactions(account);
  const auto balance = balance_of(account);
  const auto gone = std::string(object_of(change(R"({"delete_pot":1})")).at("deleted").at(0).as_string());
  EXPECT_EQ(without_transactions(account), before);
  expect_totals(account);
  const auto now = balance_of(account);
  EXPECT_GT(now.at("balance").as_int64(), balance.at("balance").as_int64());
  EXPECT_EQ(now.at("total_balance"), balance.at("total_balance")) << "it only came back";
  EXPECT_EQ(now.at("spend_today"), balance.at("spend_today"));
  const auto listed = pots_of(account);
  const auto found = std::find_if(listed.begin(), listed.end(),
                                  [&](const auto& each) { return text_at(each.as_object(), "id") == gone; });
  ASSERT_NE(found, listed.end());
  EXPECT_TRUE(found->at("deleted").as_bool());
  EXPECT_EQ(change("{\"delete_pot\":\"" + gone + "\"}").status, 404);
}

TEST_F(monzo_pots, TheLastOpenOneStays) {
  EXPECT_EQ(change(R"({"delete_pot":1})").status, 200);
  EXPECT_EQ(change(R"({"delete_pot":1})").status, 404);
  EXPECT_EQ(change(R"({"open_pot":1})").status, 200);
  EXPECT_EQ(change(R"({"delete_pot":1})").status, 200);
  for (const auto* wrong : {R"({"open_pot":"pot_1"})", R"({"deposit":-1})"})
    EXPECT_EQ(change(wrong).status, 400) << wrong;
}

TEST_F(monzo_pots, WhatWasSpentTodayIsWithoutMovesToPots) {
  change(R"({"deposit":3})");
  const auto before = balance_of(account).at("spend_today").as_int64();
  const auto id = std::string(object_of(change(R"({"add":1,"pending":true})")).at("added").at(0).as_string());
  const auto added = object_of(sandbox.get("/monzo/transactions/" + id, token)).at("transaction").at("amount");
  EXPECT_EQ(balance_of(account).at("spend_today").as_int64() - before, added.as_int64());
  sandbox.clock.advance(12h);
  EXPECT_EQ(balance_of(account).at("spend_today").as_int64(), 0) << "midnight in London";
}

class monzo_many_pots : public monzo_pots {
protected:
  monzo_many_pots() : monzo_pots(10s, 7) {}
};

TEST_F(monzo_many_pots, AreAsManyAsAskedForAndComeAndGoAsTimePasses) {
  EXPECT_EQ(pots_of(account).size(), 7u);
  const auto accounts = account_ids(sandbox, token);
  sandbox.clock.advance(std::chrono::days(1));
  const auto counts = object_of(sandbox.get("/sandbox/stats")).at("monzo").at("users").at(0);
  EXPECT_GT(counts.at("pots_opened").to_number<int>(), 5);
  EXPECT_GT(counts.at("pots_deleted").to_number<int>(), 5);
  for (const auto& each : accounts)
    expect_totals(each);
}

} // namespace
} // namespace penstock::sandbox::testing
