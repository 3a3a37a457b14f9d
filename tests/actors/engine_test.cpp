#include "tests/actors/deterministic_engine.hpp"

#include <caf/send.hpp>

namespace penstock::actors::testing {

using namespace std::chrono_literals;

class engine_test : public deterministic_engine {};

TEST_F(engine_test, EnqueuedJobRunsOnceAndCompletes) {
  start();
  const auto made = enqueue("test.step", R"({"name":"a"})");
  EXPECT_EQ(ran, std::vector<std::string>{"a"});
  EXPECT_EQ(job(made.id).state, job_state::completed);
}

TEST_F(engine_test, JobsThatWaitedBeforeTheStartAreRun) {
  start();
  job_request later;
  later.kind = "test.step";
  later.args = R"({"name":"later"})";
  later.run_at = clock.now() + 10s;
  const auto made = enqueue(later);
  kill();
  clock.advance(20s);
  start();
  EXPECT_EQ(job(made.id).state, job_state::completed);
}

TEST_F(engine_test, DelayedJobRunsAtItsTime) {
  start();
  job_request later;
  later.kind = "test.step";
  later.args = R"({"name":"later"})";
  later.run_at = clock.now() + 10s;
  enqueue(later);
  advance(9s);
  EXPECT_TRUE(ran.empty());
  advance(1s);
  EXPECT_EQ(ran, std::vector<std::string>{"later"});
}

TEST_F(engine_test, RetryableErrorIsTriedAgainAfterItsDelay) {
  start();
  const auto made = enqueue("test.error", R"({"code":"network","times":1})");
  EXPECT_EQ(job(made.id).state, job_state::waiting);
  EXPECT_EQ(job(made.id).errors.size(), 1u);
  advance(5s);
  EXPECT_EQ(job(made.id).state, job_state::completed);
}

TEST_F(engine_test, FinalErrorFailsAtOnceAndIsTold) {
  start();
  const auto made = enqueue("test.error", R"({"code":"unexpected_shape","times":9})");
  EXPECT_EQ(job(made.id).state, job_state::failed);
  EXPECT_EQ(event_types(), std::vector<std::string>{"job.failed"});
}

TEST_F(engine_test, SpentAttemptsFailTheJob) {
  start();
  const auto made = enqueue("test.error", R"({"code":"network","times":9})");
  advance(15s);
  EXPECT_EQ(job(made.id).state, job_state::failed);
  EXPECT_EQ(job(made.id).errors.size(), 3u);
}

TEST_F(engine_test, ParentAwaitsItsChildrenAndEndsWithTheLast) {
  start();
  const auto made = enqueue("test.parent", R"({"children":5})");
  EXPECT_EQ(ran.size(), 5u);
  const auto parent = job(made.id);
  EXPECT_EQ(parent.state, job_state::completed);
  EXPECT_EQ(parent.children.completed, 5);
}

TEST_F(engine_test, DeathBetweenAnyTwoStepsOfAFetchLeavesNoCoroutineBehindThatTouchesIt) {
  provider.expect({"GET", "/page", net::http_response{200, {}, "x"}, duration{0}, {}, 0});
  for (int steps = 0; steps < 60; ++steps) {
    start();
    unit_of_work unit;
    unit.jobs.emplace_back().kind = "test.fetch";
    aut->handles().commits->submit(std::move(unit), [](const result<unit_result>&) {});
    for (int i = 0; i < steps && step(); ++i) {}
    kill();
    network.context().restart();
    network.context().poll(); // what the network still owes to a run that nobody waits for
  }
  start();
  const auto left = db().rows().select("SELECT id FROM v_jobs WHERE state <> 'completed'", {});
  ASSERT_TRUE(left);
  EXPECT_TRUE(left->rows.empty()) << left->rows.size() << " jobs are left";
}

TEST_F(engine_test, UnknownKindIsRefusedWithItsName) {
  start();
  unit_of_work unit;
  job_request request;
  request.kind = "nobody.knows";
  unit.jobs.push_back(request);
  const auto answer = commit(std::move(unit));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, error_code::invalid_argument);
  EXPECT_NE(answer.error().message.find("nobody.knows"), std::string::npos);
}

TEST_F(engine_test, SecondJobOfAUniqueKeyAnswersWithTheFirst) {
  start();
  job_request request;
  request.kind = "test.step";
  request.args = R"({"name":"once"})";
  request.unique_key = "k";
  request.run_at = clock.now() + 1min;
  const auto first = enqueue(request);
  const auto second = enqueue(request);
  EXPECT_TRUE(second.deduplicated);
  EXPECT_EQ(second.id, first.id);
}

TEST_F(engine_test, ClosedIntakeTakesAndStartsNothingAndGoesOnWhenOpened) {
  start();
  job_request later;
  later.kind = "test.step";
  later.args = R"({"name":"later"})";
  later.run_at = clock.now() + 10s;
  const auto waiting = enqueue(later);
  const auto set_intake_to = [this](std::optional<error> closed_because) {
    aut->handles().commits->set_intake(closed_because);
    caf::anon_send(aut->handles().supervisor, set_intake{closed_because});
    settle();
  };
  set_intake_to(error{error_code::storage_full, "the disk is full"});
  unit_of_work unit;
  unit.jobs.push_back(later);
  const auto refused = commit(std::move(unit));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, error_code::storage_full);
  advance(1min);
  EXPECT_TRUE(ran.empty()) << "neither the job that is due nor a due check";
  set_intake_to(std::nullopt);
  EXPECT_EQ(job(waiting.id).state, job_state::completed);
  EXPECT_EQ(enqueue("test.step", R"({"name":"new"})").deduplicated, false);
  EXPECT_EQ(ran, (std::vector<std::string>{"later", "new"}));
}

TEST_F(engine_test, BusyDatabaseDelaysTheEndOfAJobButLosesNothing) {
  start();
  bool busy = false;
  fault = [&busy](std::string_view call) -> std::optional<error> {
    if (busy && call == "commit")
      return error{error_code::storage_busy, "database is locked"};
    return std::nullopt;
  };
  job_request later;
  later.kind = "test.step";
  later.args = R"({"name":"later"})";
  later.run_at = clock.now() + 1s;
  const auto made = enqueue(later);
  busy = true;
  advance(3s);
  EXPECT_TRUE(ran.empty()); // its claim is not durable
  busy = false;
  advance(1s);
  EXPECT_EQ(ran.size(), 1u);
  EXPECT_EQ(job(made.id).state, job_state::completed);
}

TEST_F(engine_test, ScheduleThatEveryNodeHasFiresEveryThirtySeconds) {
  start();
  advance(65s);
  storage::job_filter checks;
  checks.kind = "integrations.check_updates";
  auto listed = db().jobs().list(checks, {});
  ASSERT_TRUE(listed) << listed.error().message;
  EXPECT_EQ(listed->items.size(), 2u);
}

TEST_F(engine_test, NothingIsLostAtAnyMomentOfACrash) {
  // The process dies after each possible number of steps; after the restart every accepted job has run to its end.
  for (int moment = 1; moment < 40; ++moment) {
    start();
    unit_of_work unit;
    for (int i = 0; i < 3; ++i) {
      job_request request;
      request.kind = "test.step";
      request.args = R"({"name":"x"})";
      unit.jobs.push_back(request);
    }
    bool accepted = false;
    aut->handles().commits->submit(std::move(unit), [&accepted](const result<unit_result>& answer) {
      accepted = answer.has_value();
    });
    for (int i = 0; i < moment && step(); ++i) {}
    const bool was_accepted = accepted;
    kill();
    start();
    advance(3s);
    auto listed = db().jobs().list({}, {"", 200});
    ASSERT_TRUE(listed) << listed.error().message;
    for (const auto& each : listed->items) {
      if (each.job.kind == "test.step") {
        EXPECT_EQ(each.state, job_state::completed) << "died after " << moment << " steps";
      }
    }
    if (was_accepted) {
      EXPECT_GE(listed->items.size(), 3u);
    }
    kill();
  }
}

TEST_F(engine_test, JobsStoredWhileTheirQueueIsBeingMadeAreNotForgotten) {
  for (int delay = 0; delay < 60; ++delay) {
    start();
    std::vector<job_id> made;
    const auto submit = [&] {
      unit_of_work unit;
      job_request request;
      request.kind = "test.step";
      request.queue = "queue-" + std::to_string(delay);
      request.args = R"({"name":"a"})";
      unit.jobs.push_back(std::move(request));
      aut->handles().commits->submit(std::move(unit), [&made](result<unit_result> answer) {
        if (answer)
          made.push_back(answer->jobs.front().id);
      });
    };
    submit();
    for (int i = 0; i < delay; ++i)
      step();
    submit();
    settle();
    ASSERT_EQ(made.size(), 2u);
    for (const auto id : made)
      EXPECT_EQ(job(id).state, job_state::completed) << "the second one came after " << delay << " messages";
    kill();
  }
}

TEST_F(engine_test, SuspectOfAPausedQueueWaitsForItsResume) {
  start();
  unit_of_work pause;
  pause.changes.push_back(pause_queue{"default", true}); // durable; this process is not told and goes on
  ASSERT_TRUE(commit(std::move(pause)));
  unit_of_work unit;
  job_request request;
  request.kind = "test.step";
  request.queue = "default";
  request.args = R"({"name":"suspect"})";
  unit.jobs.push_back(std::move(request));
  aut->handles().commits->submit(std::move(unit), [](const result<unit_result>&) {});
  while (ran.empty() && step()) {}
  ASSERT_EQ(ran.size(), 1u);
  kill(); // the handler ran, its end was not stored
  ran.clear();
  start();
  ASSERT_EQ(aut->recovery().suspects.size(), 1u);
  settle();
  EXPECT_TRUE(ran.empty());
  caf::anon_send(aut->handles().supervisor, command_named_queue{"default", queue_command::resume});
  settle();
  EXPECT_EQ(ran, std::vector<std::string>{"suspect"});
  EXPECT_EQ(enqueue("test.step", R"({"name":"after"})").deduplicated, false);
  EXPECT_EQ(ran.size(), 2u) << "the queue is released";
}

} // namespace penstock::actors::testing
