// What commands about integrations and their jobs say to people, against a server that answers what each test says.
#include <gmock/gmock.h>

#include "node/exit_status.hpp"
#include "tests/end_to_end/scripted_node.hpp"
#include "tests/node/command_run.hpp"

namespace penstock::node {
namespace {

using end_to_end::scripted_node;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* none = R"({"items":[],"next_cursor":null})";

class integration_commands : public command_run {
protected:
  command_result ask(const scripted_node& node, std::vector<std::string> words) {
    words.insert(words.end(), {"--url", node.url(), "--token", "t"});
    return run(std::move(words));
  }
};

TEST_F(integration_commands, FetchOfAllLeavesOutThoseWhoseProviderSends) {
  scripted_node node({scripted_node::json(R"({"items":[
    {"id":"5","service":"monzo","name":"Ann","status":"idle","is_fetched":true},
    {"id":"6","service":"apple_health","name":"Phone","status":"idle","is_fetched":false}],"next_cursor":null})"),
                      scripted_node::json(R"({"job_id":"9","deduplicated":false})", "202 Accepted")});
  const auto told = ask(node, {"integrations", "fetch"});
  EXPECT_EQ(told.status, exit_status::done) << told.err;
  EXPECT_EQ(told.out, "integration 5 (Ann): job 9\n");
  EXPECT_EQ(node.asked().size(), 2u);
}

TEST_F(integration_commands, FetchOfAServiceWhoseProviderSendsIsRefused) {
  scripted_node node({scripted_node::json(
    R"({"items":[{"id":"6","service":"apple_health","name":"Phone","status":"idle","is_fetched":false}],"next_cursor":null})")});
  const auto told = ask(node, {"integrations", "fetch", "--service", "apple_health"});
  EXPECT_EQ(told.status, exit_status::failed);
  EXPECT_THAT(told.err, HasSubstr("nothing is fetched of service 'apple_health'"));
}

TEST_F(integration_commands, FetchOfAllSaysWhyNoneIsFetched) {
  scripted_node node({scripted_node::json(R"({"items":[
    {"id":"5","service":"shop","status":"requires_reauth","awaits_token":true,"is_fetched":true},
    {"id":"6","service":"apple_health","status":"idle","is_fetched":false},
    {"id":"7","service":"monzo","status":"paused","is_fetched":true}],"next_cursor":null})"),
                      scripted_node::json(none)});
  EXPECT_THAT(
    ask(node, {"integrations", "fetch"}).err,
    HasSubstr("there is no integration to fetch: 1 whose provider sends by webhooks, 1 without a consent or a "
              "token that is good, 1 paused"));
  EXPECT_THAT(ask(node, {"integrations", "fetch"}).err, HasSubstr("penstock integrations add SERVICE"));
}

TEST_F(integration_commands, OneWhoseProviderSendsIsNotScheduled) {
  for (const auto& when : {std::vector<std::string>{"--every", "5"}, std::vector<std::string>{"--at", "04:10"}}) {
    scripted_node node({scripted_node::json(R"({"id":"6","service":"apple_health","is_fetched":false})")});
    std::vector<std::string> words{"integrations", "schedule", "6"};
    words.insert(words.end(), when.begin(), when.end());
    const auto told = ask(node, words);
    EXPECT_EQ(told.status, exit_status::failed);
    EXPECT_THAT(told.err,
                HasSubstr("nothing is fetched of service 'apple_health', so that there is nothing to schedule"));
  }
}

TEST_F(integration_commands, WhatIsMissingAfterAddIsToldWithTheCommand) {
  scripted_node keyed({scripted_node::json(
    R"({"id":"5","service":"shop","status":"requires_reauth","awaits_consent":false,"awaits_token":true})",
    "201 Created")});
  EXPECT_EQ(
    ask(keyed, {"integrations", "add", "shop"}).out,
    "integration 5 of shop was added\nNothing is synced yet: it waits for its token: penstock integrations token 5\n");
  scripted_node consented({scripted_node::json(
    R"({"id":"5","service":"monzo","status":"paused","awaits_consent":true,"awaits_token":false})", "201 Created")});
  EXPECT_THAT(ask(consented, {"integrations", "add", "monzo"}).out,
              HasSubstr("it waits for a consent: penstock integrations authorize 5\n"));
}

TEST_F(integration_commands, AuthorizeOfOneWhoseConsentEndedDoesNotCallItAuthorised) {
  const auto shown = [](const std::string& at) {
    return scripted_node::json(R"({"id":"5","status":"requires_reauth","authorised_at":")" + at + R"("})");
  };
  scripted_node node({shown("2026-06-01T12:00:00Z"),
                      scripted_node::json(R"({"url":"http://n/x","expires_at":"2026-06-01T12:10:00Z"})", "201 Created"),
                      shown("2026-06-01T12:00:09Z")});
  const auto told = ask(node, {"integrations", "authorize", "5"});
  EXPECT_EQ(told.status, exit_status::done) << told.err;
  EXPECT_THAT(told.out, AllOf(HasSubstr("Its former consent is good for nothing any more"), Not(HasSubstr("already"))));
}

TEST_F(integration_commands, ResetSaysFromWhere) {
  const auto reset = [this](std::vector<std::string> more) {
    scripted_node node({scripted_node::json(R"({"id":"5","status":"idle"})")});
    std::vector<std::string> words{"integrations", "reset", "5"};
    words.insert(words.end(), more.begin(), more.end());
    return ask(node, words).out;
  };
  EXPECT_EQ(reset({}), "integration 5 reads everything from the beginning in its next sync (idle)\n");
  EXPECT_EQ(reset({"--from", "2026-01-01T00:00:00Z"}),
            "integration 5 reads everything since 2026-01-01T00:00:00Z in its next sync (idle)\n");
  EXPECT_EQ(reset({"--stream", "items", "--cursor", "{\"a\":1}"}),
            "integration 5 reads stream items from the cursor {\"a\":1} in its next sync (idle)\n");
}

TEST_F(integration_commands, ShowMarksDryRunsAndTellsOfRowsInError) {
  scripted_node node(
    {scripted_node::json(R"({"id":"5","service":"monzo","name":"Ann","status":"idle","is_fetched":true,"cursors":[]})"),
     scripted_node::json(R"({"items":[{"id":"8","state":"completed","dry_run":true},
                        {"id":"7","state":"completed","dry_run":false}],"next_cursor":null})"),
     scripted_node::json(R"({"items":[{"id":"1"},{"id":"2"}],"next_cursor":null})")});
  const auto told = ask(node, {"integrations", "show", "5"});
  EXPECT_EQ(told.status, exit_status::done) << told.err;
  EXPECT_THAT(told.out, AllOf(HasSubstr("8    completed (dry run)"), Not(HasSubstr("7    completed (dry run)")),
                              HasSubstr("2 in the last 7 days: penstock integrations errors 5\n")));
  EXPECT_THAT(node.asked().back(), HasSubstr("/row-errors?since="));
}

TEST_F(integration_commands, ShowTellsOfAFailedRunWhenItWasAndWhatToDo) {
  scripted_node node(
    {scripted_node::json(R"({"id":"5","service":"shop","name":"Ann","status":"requires_reauth","is_fetched":true,
       "last_triggered_at":null,"awaits_token":false,"to_do":"needs another token: penstock integrations token 5",
       "cursors":[]})"),
     scripted_node::json(R"({"items":[{"id":"8","state":"completed","dry_run":true,"started_at":"2026-06-01T09:00:00Z"},
       {"id":"7","state":"failed","dry_run":false,"started_at":"2026-06-01T08:00:00Z"},
       {"id":"6","state":"failed","dry_run":false,"started_at":"2026-06-01T07:00:00Z"}],"next_cursor":null})"),
     scripted_node::json(none)});
  const auto told = ask(node, {"integrations", "show", "5"}).out;
  EXPECT_THAT(told, HasSubstr("needs another token: penstock integrations token 5\n"));
  const auto field = told.find("last triggered");
  ASSERT_NE(field, std::string::npos) << told;
  EXPECT_THAT(told.substr(field, told.find('\n', field) - field), HasSubstr("08:00"));
}

TEST_F(integration_commands, ErrorsAreListedAndChosen) {
  scripted_node node(
    {scripted_node::json(R"({"items":[{"id":"1","table":"health_metrics","source_id":"step_count","message":"no date",
    "job_id":"12","kind":"apple_health.metric_data","at":"2026-06-01T12:00:00Z"}],"next_cursor":"1"})"),
     scripted_node::json(none)});
  const auto told = ask(node, {"integrations", "errors", "5", "--table", "health_metrics", "--limit", "1"});
  EXPECT_EQ(told.status, exit_status::done) << told.err;
  EXPECT_THAT(told.out, AllOf(HasSubstr("health_metrics"), HasSubstr("no date"), HasSubstr("there are more")));
  EXPECT_EQ(ask(node, {"integrations", "errors", "5"}).out, "no rows in error\n");
  EXPECT_THAT(node.asked().front(), HasSubstr("/api/v1/integrations/5/row-errors?table=health_metrics&limit=1"));
  EXPECT_EQ(run({"integrations", "errors", "5", "--job", "x"}).status, exit_status::wrong_usage);
}

TEST_F(integration_commands, PagesWithoutErrorsThatAreChosenAreFollowed) {
  const auto empty = [](int next) {
    return scripted_node::json(R"({"items":[],"next_cursor":")" + std::to_string(next) + R"("})");
  };
  scripted_node node(
    {empty(9), empty(5), scripted_node::json(R"({"items":[{"id":"1","message":"no date"}],"next_cursor":null})")});
  EXPECT_THAT(ask(node, {"integrations", "errors", "5", "--table", "t"}).out, HasSubstr("no date"));
  EXPECT_THAT(node.asked().back(), HasSubstr("cursor=5"));
  scripted_node endless(std::vector(20, empty(9)));
  const auto told = ask(endless, {"integrations", "errors", "5", "--table", "t"});
  EXPECT_EQ(told.status, exit_status::done) << told.err;
  EXPECT_THAT(told.out, AllOf(HasSubstr("older ones were not looked at"), Not(HasSubstr("no rows in error"))));
  EXPECT_EQ(endless.asked().size(), 20u);
}

TEST_F(integration_commands, JobsOfADeliveryAreShownWithTheJobThatTookIt) {
  scripted_node node(
    {scripted_node::json(R"({"id":"9","kind":"apple_health.hook","state":"completed","integration_id":"5","errors":[],
      "children":{"open":0,"completed":1,"failed":0,"cancelled":0}})"),
     scripted_node::json(none), scripted_node::json(R"({"items":[{"id":"1"}],"next_cursor":null})"),
     scripted_node::json(none),
     scripted_node::json(R"({"items":[{"id":"12","kind":"other","parent_id":"11","state":"completed","errors":[]},
       {"id":"10","kind":"apple_health.metric_data","parent_id":"9","state":"completed","errors":[],"result":{"stored":3}},
       {"id":"9","kind":"apple_health.hook","state":"completed","errors":[]}],"next_cursor":"9"})")});
  const auto told = ask(node, {"jobs", "show", "9"});
  EXPECT_EQ(told.status, exit_status::done) << told.err;
  EXPECT_THAT(told.out, AllOf(HasSubstr("1: penstock integrations errors 5 --job 9\n"),
                              HasSubstr("10     apple_health.metric_data  completed"), Not(HasSubstr("other"))));
  EXPECT_EQ(node.asked().size(), 5u);
}

TEST_F(integration_commands, FailedJobsNameTheirIntegration) {
  scripted_node node(
    {scripted_node::json(R"({"items":[{"id":"9","kind":"monzo.pull","queue":"fetch","integration_id":"5","errors":[]},
    {"id":"8","kind":"probe.fail","queue":"default","integration_id":null,"errors":[]}],"next_cursor":null})"),
     scripted_node::json(R"({"id":"5","service":"monzo","name":"Ann"})")});
  const auto told = ask(node, {"queue", "failed"});
  EXPECT_EQ(told.status, exit_status::done) << told.err;
  EXPECT_THAT(told.out, HasSubstr("monzo Ann (5)"));
}

TEST_F(integration_commands, RetryOfAllSaysWhySomeDoNotWaitAgain) {
  scripted_node node(
    {scripted_node::json(R"({"items":[{"name":"fetch","counts":{"failed":2}}],"next_cursor":null})"),
     scripted_node::json(R"({"retried":1,"refused":1,"refusal":"job 7 is completed already","more":false})")});
  EXPECT_EQ(ask(node, {"queue", "retry", "all"}).out,
            "1 failed jobs wait again, 1 did not: job 7 is completed already\n");
}

} // namespace
} // namespace penstock::node
