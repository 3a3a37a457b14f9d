// Commands against a real node.
#include <algorithm>

#include <gmock/gmock.h>

#include "tests/end_to_end/node_fixture.hpp"

namespace penstock::end_to_end {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class commands : public with_node {
protected:
  commands() : node(start_node()) {}
  std::unique_ptr<running_program> node;
};

TEST_F(commands, EnqueuedJobIsSeenCompleted) {
  const auto job = enqueue("probe.noop", "{}");
  EXPECT_TRUE(eventually(30s, [&] { return state_of(job) == "completed"; }));
  EXPECT_THAT(cli({"jobs", "show", job}).out, AllOf(HasSubstr("probe.noop"), HasSubstr("completed")));
  EXPECT_THAT(cli({"queue", "status"}).out, AllOf(HasSubstr("QUEUE"), HasSubstr("default")));
  EXPECT_EQ(ask({"queue", "status", "default"}).at("counts").at("completed").to_number<int>(), 1);
}

TEST_F(commands, FollowedJobShowsItsEnd) {
  const auto good = cli({"jobs", "show", enqueue("probe.sleep", R"({"ms": 300})"), "--follow"});
  EXPECT_EQ(good.status, 0) << good.err;
  EXPECT_THAT(good.out, HasSubstr("completed"));
  const auto bad = cli({"jobs", "show", enqueue("probe.fail", R"({"class": "final"})"), "--follow"});
  EXPECT_EQ(bad.status, 1);
  EXPECT_THAT(bad.err, HasSubstr("failed: probe.fail"));
}

TEST_F(commands, FailedJobIsListedAndRetried) {
  const auto job = enqueue("probe.fail", R"({"class": "final", "times": 1})");
  EXPECT_TRUE(eventually(30s, [&] { return state_of(job) == "failed"; }));
  EXPECT_THAT(cli({"queue", "failed"}).out, AllOf(HasSubstr(job), HasSubstr("probe.fail")));
  EXPECT_EQ(cli({"queue", "retry", job}).status, 0);
  EXPECT_TRUE(eventually(30s, [&] { return state_of(job) == "failed"; }));
  EXPECT_THAT(cli({"queue", "retry", "all"}).out, HasSubstr("1 failed jobs wait again"));
}

TEST_F(commands, PausedQueueHoldsItsJobs) {
  EXPECT_EQ(cli({"queue", "pause", "default"}).status, 0);
  const auto job = enqueue("probe.noop", "{}");
  EXPECT_EQ(state_of(job), "waiting");
  EXPECT_THAT(cli({"queue", "status", "default"}).out, HasSubstr("paused"));
  EXPECT_EQ(cli({"queue", "resume", "default"}).status, 0);
  EXPECT_TRUE(eventually(30s, [&] { return state_of(job) == "completed"; }));
}

TEST_F(commands, DelayedJobCanBeCancelledAndUniqueOnesAreOne) {
  const auto first = ask({"jobs", "enqueue", "probe.noop", "--delay", "1h", "--unique", "k", "--priority", "0"});
  const auto second = ask({"jobs", "enqueue", "probe.noop", "--delay", "1h", "--unique", "k"});
  EXPECT_EQ(second.at("id"), first.at("id"));
  EXPECT_TRUE(second.at("deduplicated").as_bool());
  const std::string job(first.at("id").as_string());
  EXPECT_EQ(state_of(job), "delayed");
  EXPECT_EQ(cli({"jobs", "cancel", job}).status, 0);
  EXPECT_EQ(state_of(job), "cancelled");
}

TEST_F(commands, TailPrintsEventsThatMatch) {
  running_program tail(command({"events", "tail", "--type", "job.*"}), options);
  // The stream begins when it is connected: what came before is not shown.
  EXPECT_TRUE(eventually(60s,
                         [&] {
                           const auto job = enqueue("probe.fail", R"({"class": "final"})");
                           return tail.prints(job, 2s);
                         }))
    << tail.err();
  EXPECT_THAT(tail.out(), HasSubstr("job.failed"));
  running_program since(command({"events", "tail", "--since", "1h", "--type", "job.failed"}), options);
  EXPECT_TRUE(since.prints("job.failed", 30s)) << since.err();
}

TEST_F(commands, SchedulesAreListed) {
  EXPECT_THAT(cli({"schedule", "list"}).out, AllOf(HasSubstr("NAME"), HasSubstr("check-integration-updates"),
                                                   HasSubstr("integrations.check_updates")));
}

TEST_F(commands, RefusalsOfTheNodeAreOneLine) {
  const auto unknown_kind = cli({"jobs", "enqueue", "no.such_kind"});
  EXPECT_EQ(unknown_kind.status, 1);
  EXPECT_THAT(unknown_kind.err, HasSubstr("no.such_kind"));
  const auto unknown_job = cli({"jobs", "show", "1"});
  EXPECT_EQ(unknown_job.status, 1);
  const auto unknown_service = cli({"integrations", "add", "monzoo"});
  EXPECT_EQ(unknown_service.status, 1);
  const auto bad_token = cli({"queue", "status", "--token", "wrong"});
  EXPECT_EQ(bad_token.status, 1);
  EXPECT_THAT(bad_token.err, HasSubstr("does not take this token"));
  for (const auto& told : {unknown_kind, unknown_job, unknown_service, bad_token})
    EXPECT_EQ(std::count(told.err.begin(), told.err.end(), '\n'), 1) << told.err;
}

TEST_F(commands, IntegrationsAreAddedShownAndRemoved) {
  const auto added = ask({"integrations", "add", "monzo", "--name", "Mine"});
  const std::string id(added.at("id").as_string());
  EXPECT_THAT(cli({"integrations", "list"}).out, AllOf(HasSubstr(id), HasSubstr("Mine"), HasSubstr("pending (never authorised)")));
  EXPECT_THAT(cli({"integrations", "show", id}).out, HasSubstr("monzo"));
  const auto link = cli({"integrations", "authorize", id, "--no-wait"});
  EXPECT_EQ(link.status, 0) << link.err;
  EXPECT_THAT(link.out, HasSubstr(node_url() + "/oauth/monzo/start?integration=" + id));
  EXPECT_EQ(cli({"integrations", "fetch", id}).status, 1) << "there is no consent";
  EXPECT_EQ(cli({"integrations", "remove", id}).status, 0);
  EXPECT_EQ(ask({"integrations", "list"}).at("items").as_array().size(), 0U);
}

} // namespace
} // namespace penstock::end_to_end
