#include "tests/sandbox/small_sandbox.hpp"

#include <algorithm>
#include <map>

namespace penstock::sandbox::testing {
namespace {

class monzo_changes : public ::testing::Test {
protected:
  explicit monzo_changes(duration change_every = duration::zero()) : sandbox(with(change_every)) {
    token = sandbox.sign_in().access;
    account = account_ids(sandbox, token)[0];
  }
  static small_sandbox::setup with(duration change_every) {
    small_sandbox::setup out;
    out.data.change_every = change_every;
    out.data.sca_window = std::chrono::days(30);
    return out;
  }
  json::object change(const std::string& body) { return object_of(sandbox.ask("POST", "/sandbox/change", body)); }
  json::object transaction(const std::string& id) {
    return object_of(sandbox.get("/monzo/transactions/" + id, token)).at("transaction").as_object();
  }
  std::string only_id(const json::object& changed, std::string_view key) {
    const auto& list = changed.at({key.data(), key.size()}).as_array();
    EXPECT_EQ(list.size(), 1u) << json::serialize(changed);
    return std::string(list.at(0).as_string());
  }
  std::string rendered(const std::string& of) {
    std::string out;
    for (const auto& each : read_all(sandbox, token, of))
      out += json::serialize(each) + '\n';
    return out;
  }

  small_sandbox sandbox;
  std::string token, account;
};

TEST_F(monzo_changes, WithoutAnyDataStayAsTheyAre) {
  const auto before = rendered(account);
  sandbox.clock.advance(std::chrono::days(2));
  token = sandbox.sign_in({{"user", "user_1"}}).access;
  EXPECT_EQ(rendered(account), before);
}

TEST_F(monzo_changes, AddedOneIsTheNewestAndPendingIfAskedFor) {
  const auto id = only_id(change(R"({"add":1,"pending":true})"), "added");
  const auto all = read_all(sandbox, token, account);
  EXPECT_EQ(text_at(all.back(), "id"), id);
  EXPECT_EQ(text_at(all.back(), "created"), "2026-03-02T12:00:00.000Z");
  EXPECT_EQ(text_at(all.back(), "settled"), "");
  EXPECT_TRUE(all.back().at("amount_is_pending").as_bool());
  EXPECT_EQ(all.size(), 251u);
}

TEST_F(monzo_changes, PendingOneSettlesAWeekLaterUnderTheSameId) {
  const auto id = only_id(change(R"({"add":1,"pending":true})"), "added");
  const auto before = transaction(id);
  sandbox.ask("POST", "/sandbox/clock", R"({"advance":"7d"})");
  token = sandbox.sign_in({{"user", "user_1"}}).access;
  EXPECT_EQ(only_id(change("{\"settle\":\"" + id + "\"}"), "settled"), id);
  const auto after = transaction(id);
  EXPECT_EQ(text_at(after, "created"), text_at(before, "created"));
  EXPECT_EQ(text_at(after, "settled"), "2026-03-09T12:00:00.000Z");
  EXPECT_EQ(text_at(after, "updated"), "2026-03-09T12:00:00.000Z");
  EXPECT_FALSE(after.at("amount_is_pending").as_bool());
  EXPECT_EQ(read_all(sandbox, token, account).size(), 251u);
  EXPECT_EQ(sandbox.ask("POST", "/sandbox/change", "{\"settle\":\"" + id + "\"}").status, 404);
}

TEST_F(monzo_changes, AmendedOneDiffersAndIsNewer) {
  const auto before = rendered(account);
  const auto id = only_id(change(R"({"amend":1})"), "amended");
  EXPECT_NE(rendered(account), before);
  const auto first = text_at(transaction(id), "updated");
  change("{\"amend\":[\"" + id + "\"]}");
  EXPECT_LT(first, text_at(transaction(id), "updated"));
}

TEST_F(monzo_changes, PendingAmountThatIsAmendedShowsInTheTotals) {
  const auto id = only_id(change(R"({"add":1,"pending":true})"), "added");
  const auto sum = [&] {
    return object_of(sandbox.get("/sandbox/totals"))
      .at("monzo")
      .at("tables")
      .at("monzo_transactions")
      .at("sums")
      .at("amount")
      .at("GBP")
      .as_int64();
  };
  const auto amount = [&] { return transaction(id).at("amount").as_int64(); };
  const auto sum_before = sum(), amount_before = amount();
  change("{\"amend\":\"" + id + "\"}");
  EXPECT_NE(amount(), amount_before);
  EXPECT_EQ(sum() - sum_before, amount() - amount_before);
}

TEST_F(monzo_changes, WrongDemandsAreRefusedWithAReason) {
  for (const auto* body : {R"({"ad":1})", R"({"add":-1})", R"({"add":"tx"})", R"({"settle":[1]})", "[]", "{"})
    EXPECT_EQ(sandbox.ask("POST", "/sandbox/change", body).status, 400) << body;
  EXPECT_EQ(sandbox.ask("POST", "/sandbox/change", R"({"add":1,"account":"acc_none"})").status, 404);
  EXPECT_EQ(sandbox.ask("POST", "/sandbox/change", R"({"settle":"tx_none"})").status, 404);
}

TEST_F(monzo_changes, ChangesCanNameTheirStandInAndUser) {
  sandbox.sign_in();
  const auto changed = change(R"({"monzo":{"add":2,"user":"user_2"}})");
  EXPECT_EQ(changed.at("monzo").at("added").as_array().size(), 2u);
  EXPECT_EQ(read_all(sandbox, token, account).size(), 250u);
}

class monzo_steady_change : public monzo_changes {
protected:
  monzo_steady_change() : monzo_changes(10s) {}
};

TEST_F(monzo_steady_change, BringsAdditionsSettlementsAndAmendments) {
  std::map<std::string, std::string> before;
  for (const auto& each : read_all(sandbox, token, account))
    before[text_at(each, "id")] = json::serialize(each);
  sandbox.clock.advance(20min);
  std::size_t added = 0, changed = 0;
  for (const auto& each : read_all(sandbox, token, account)) {
    const auto known = before.find(text_at(each, "id"));
    added += known == before.end();
    changed += known != before.end() && known->second != json::serialize(each);
  }
  EXPECT_GE(added, 10u);
  EXPECT_GE(changed, 3u);
}

TEST_F(monzo_steady_change, DependsOnTheTimeAloneNotOnWhoLooked) {
  small_sandbox other(with(10s));
  const auto other_token = other.sign_in().access;
  for (int i = 0; i < 60; ++i) {
    sandbox.clock.advance(10s);
    static_cast<void>(sandbox.get("/sandbox/totals"));
  }
  other.clock.advance(10min);
  std::string others;
  for (const auto& each : read_all(other, other_token, account))
    others += json::serialize(each) + '\n';
  EXPECT_EQ(rendered(account), others);
}

TEST_F(monzo_steady_change, StopsWhileFrozenAndCatchesUpWhenThawed) {
  sandbox.clock.advance(5min);
  EXPECT_EQ(sandbox.ask("POST", "/sandbox/freeze").status, 200);
  const auto frozen = rendered(account);
  sandbox.clock.advance(5min);
  EXPECT_EQ(rendered(account), frozen);
  const auto id = only_id(change(R"({"add":1})"), "added");
  sandbox.ask("POST", "/sandbox/thaw");
  const auto thawed = read_all(sandbox, token, account);
  EXPECT_TRUE(
    std::is_sorted(thawed.begin(), thawed.end(),
                   [](const auto& a, const auto& b) { return text_at(a, "created") < text_at(b, "created"); }))
    << "what was due during the frost comes after what was added in it";
  EXPECT_NE(text_at(thawed.back(), "id"), id);
}

TEST_F(monzo_steady_change, IsSeenByWhoLooksBackTwoWeeksFromTheNewest) {
  std::map<std::string, std::string> copy;
  const auto absorb = [&](const std::string& since) {
    for (const auto& of : account_ids(sandbox, token))
      for (const auto& each : read_all(sandbox, token, of, since))
        copy[text_at(each, "id")] = json::serialize(each);
  };
  absorb({});
  for (int i = 0; i < 20; ++i) {
    sandbox.clock.advance(5min);
    token = sandbox.sign_in({{"user", "user_1"}}).access;
    // The oldest pending one is younger than this at the start.
    absorb("2026-02-16T12:00:00Z");
  }
  std::map<std::string, std::string> whole;
  for (const auto& of : account_ids(sandbox, token))
    for (const auto& each : read_all(sandbox, token, of))
      whole[text_at(each, "id")] = json::serialize(each);
  EXPECT_EQ(copy, whole);
}

} // namespace
} // namespace penstock::sandbox::testing
