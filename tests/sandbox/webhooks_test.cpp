// Webhooks that the sandbox sends: Monzo's, and how any are sent.
#include <gmock/gmock.h>

#include <stdexcept>

#include "net/query.hpp"
#include "net/scripted_http_client.hpp"
#include "sandbox/delivery_sender.hpp"
#include "tests/net/run_here.hpp"
#include "tests/sandbox/small_sandbox.hpp"

namespace penstock::sandbox::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* address = "http://127.0.0.1:9/webhooks/monzo/s3cret";

stand_in& bank_of(small_sandbox& sandbox) {
  for (const auto& each : sandbox.stand_ins)
    if (each->name() == "monzo")
      return *each;
  throw std::runtime_error("no monzo");
}

class sandbox_webhooks : public ::testing::Test {
protected:
  net::http_reply register_at(const std::string& account, const std::string& url = address) {
    return monzo.ask("POST", "/monzo/webhooks", net::form_encode({{"account_id", account}, {"url", url}}), token);
  }
  json::array registered(const std::string& account) {
    return object_of(monzo.get("/monzo/webhooks?account_id=" + account, token)).at("webhooks").as_array();
  }
  json::object change(const std::string& wanted) { return object_of(monzo.ask("POST", "/sandbox/change", wanted)); }
  std::string added(const json::object& done) { return std::string(done.at("added").as_array().at(0).as_string()); }
  std::vector<delivery> take(std::size_t most = 1000) { return bank_of(monzo).take_deliveries(most); }
  static std::vector<std::string> ids(const std::vector<delivery>& all) {
    std::vector<std::string> found;
    for (const auto& each : all)
      found.emplace_back(json::parse(each.body).at("data").at("id").as_string());
    return found;
  }

  small_sandbox monzo;
  const std::string token = monzo.sign_in().access;
  const std::string account = account_ids(monzo, token).front();
};

TEST_F(sandbox_webhooks, AreRegisteredListedAndDeletedForOneAccount) {
  const auto made = object_of(register_at(account)).at("webhook").as_object();
  EXPECT_EQ(text_at(made, "account_id"), account);
  EXPECT_EQ(text_at(made, "url"), address);
  const auto listed = registered(account);
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed.front(), json::value(made));
  EXPECT_THAT(registered(account_ids(monzo, token).back()), IsEmpty());
  const auto target = "/monzo/webhooks/" + text_at(made, "id");
  const auto stranger = monzo.sign_in({{"user", "user_2"}}).access;
  EXPECT_EQ(monzo.ask("DELETE", target, {}, stranger).status, 404);
  EXPECT_EQ(monzo.ask("DELETE", target, {}, token).body, "{}");
  EXPECT_EQ(monzo.ask("DELETE", target, {}, token).status, 404);
  EXPECT_THAT(registered(account), IsEmpty());
}

TEST_F(sandbox_webhooks, WhatCannotBeIsRefused) {
  EXPECT_EQ(register_at("acc_nobodys").status, 404);
  EXPECT_EQ(register_at(account, "nonsense").status, 400);
  EXPECT_EQ(monzo.ask("POST", "/monzo/webhooks", "", token).status, 400);
  EXPECT_EQ(monzo.ask("POST", "/monzo/webhooks", "", "no-token").status, 401);
  EXPECT_EQ(monzo.get("/monzo/webhooks", token).status, 400);
  EXPECT_EQ(monzo.ask("PUT", "/monzo/webhooks", "", token).status, 405);
}

TEST_F(sandbox_webhooks, TellOfANewTransactionOnceInTheFormOfThePoll) {
  change(R"({"add":1,"account":")" + account + R"("})");
  register_at(account);
  EXPECT_THAT(take(), IsEmpty()) << "what was there before";
  const auto id = added(change(R"({"add":1,"account":")" + account + R"("})"));
  const auto sent = take();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].url, address);
  EXPECT_THAT(take(), IsEmpty());
  const std::string head = R"({"type":"transaction.created","data":)";
  ASSERT_EQ(sent[0].body.substr(0, head.size()), head);
  const auto data = sent[0].body.substr(head.size(), sent[0].body.size() - head.size() - 1);
  EXPECT_EQ(monzo.get("/monzo/transactions/" + id + "?expand[]=merchant", token).body,
            R"({"transaction":)" + data + "}");
}

TEST_F(sandbox_webhooks, SteadyChangeIsToldOfToo) {
  small_sandbox lively({.data = {.accounts = 1, .transactions = 5, .change_every = 1s}});
  const auto access = lively.sign_in().access;
  const auto only = account_ids(lively, access).front();
  lively.ask("POST", "/monzo/webhooks", net::form_encode({{"account_id", only}, {"url", address}}), access);
  lively.clock.advance(1min);
  const auto told = ids(bank_of(lively).take_deliveries(1000));
  EXPECT_FALSE(told.empty());
  const auto all = read_all(lively, access, only);
  EXPECT_EQ(told.size(), all.size() - 5);
}

TEST_F(sandbox_webhooks, AreHeldBackAndSentAgainOnDemand) {
  register_at(account);
  const auto quiet = added(change(R"({"add":1,"webhook":false,"account":")" + account + R"("})"));
  EXPECT_THAT(take(), IsEmpty());
  change(R"({"webhook":")" + quiet + R"("})");
  EXPECT_THAT(ids(take()), ElementsAre(quiet));
  change(R"({"webhook":[")" + quiet + R"(",")" + quiet + R"("]})");
  EXPECT_THAT(ids(take()), ElementsAre(quiet, quiet));
  EXPECT_EQ(monzo.ask("POST", "/sandbox/change", R"({"webhook":7})").status, 404);
  EXPECT_EQ(monzo.ask("POST", "/sandbox/change", R"({"webhook":"tx_no"})").status, 404);
}

TEST_F(sandbox_webhooks, WhatWaitsIsBounded) {
  register_at(account);
  change(R"({"add":5000,"account":")" + account + R"("})");
  EXPECT_EQ(take(10).size(), 10u);
  EXPECT_EQ(take(100'000).size(), 990u);
  const auto stats = object_of(monzo.get("/sandbox/stats"));
  EXPECT_NE(json::serialize(stats).find(R"("dropped":4000)"), std::string::npos) << json::serialize(stats);
}

class sandbox_deliveries : public ::testing::Test {
protected:
  bool send(const std::string& url = address) {
    delivery what;
    what.url = url;
    what.body = R"({"a":1})";
    return net::testing::run_here(sender.send(receiver, std::move(what)));
  }
  delivery_sender::stand_in_list none;
  net::manual_sleeper sleeper{net::manual_sleeper::mode::skip};
  net::scripted_http_client receiver;
  std::vector<std::string> log;
  delivery_sender sender{none, sleeper, [this](const std::string& line) { log.push_back(line); }};
};

TEST_F(sandbox_deliveries, OneThatIsTakenIsSentOnce) {
  receiver.reply("POST", "/webhooks/monzo/s3cret", 202, "");
  EXPECT_TRUE(send());
  EXPECT_TRUE(receiver.done());
  EXPECT_EQ(receiver.requests().at(0).body, R"({"a":1})");
  EXPECT_EQ(receiver.requests().at(0).headers.value_or("Content-Type", ""), "application/json");
  EXPECT_THAT(log, ElementsAre("webhook to http://127.0.0.1:9: 202")) << "no secret";
}

TEST_F(sandbox_deliveries, OneThatIsRefusedIsTriedFiveTimesWithLongerPauses) {
  receiver.reply("POST", "", 500, "").reply("POST", "", 401, "").fail("POST", "", error_code::network);
  receiver.reply("POST", "", 503, "").reply("POST", "", 503, "");
  EXPECT_FALSE(send());
  EXPECT_TRUE(receiver.done());
  EXPECT_THAT(sleeper.slept(), ElementsAre(1s, 2s, 4s, 8s));
}

TEST_F(sandbox_deliveries, ALaterTryMayBeTaken) {
  receiver.reply("POST", "", 503, "").reply("POST", "", 200, "");
  EXPECT_TRUE(send());
  EXPECT_TRUE(receiver.done());
}

TEST_F(sandbox_deliveries, NothingLeavesThisMachine) {
  EXPECT_FALSE(send("https://example.com/webhooks/monzo/s3cret"));
  EXPECT_FALSE(send("http://provider.example/webhooks/monzo/s3cret"));
  EXPECT_THAT(receiver.requests(), IsEmpty());
}

} // namespace
} // namespace penstock::sandbox::testing
