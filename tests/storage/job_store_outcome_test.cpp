#include "tests/storage/store_conformance.hpp"

#include <gmock/gmock.h>

// How attempts end, and what refuses them.
namespace penstock::storage {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;

class job_store_outcome : public store_conformance {
protected:
  /// The end of a job's first attempt.
  static attempt_end over(job_id id, attempt_outcome outcome = attempt_outcome::succeeded) {
    attempt_end end;
    end.job = id;
    end.outcome = outcome;
    return end;
  }
  void expect_counts(std::int64_t waiting, std::int64_t completed, std::int64_t failed, std::int64_t cancelled) {
    const auto counts = summary("default");
    EXPECT_EQ(counts.waiting, waiting);
    EXPECT_EQ(counts.completed, completed);
    EXPECT_EQ(counts.failed, failed);
    EXPECT_EQ(counts.cancelled, cancelled);
  }
};
PENSTOCK_ON_EVERY_STORE(job_store_outcome);

TEST_P(job_store_outcome, SuccessEndsTheJobWithItsResult) {
  const auto id = enqueue("probe.task");
  auto ended_well = over(id);
  ended_well.result = R"({"rows":3})";
  ended_well.started_at = clock.now();
  clock.advance(seconds{2});
  ended_well.finished_at = clock.now();
  unit_of_work unit;
  unit.ends = ended_well;
  EXPECT_EQ(commit(unit).ended_as, job_state::completed);
  const auto ended = job(id);
  EXPECT_EQ(ended.state, job_state::completed);
  EXPECT_EQ(ended.result, R"({"rows":3})");
  EXPECT_EQ(ended.started_at, ended_well.started_at);
  EXPECT_EQ(ended.finished_at, ended_well.finished_at);
  EXPECT_TRUE(ready_ids("default").empty());
  EXPECT_FALSE(jobs().find_waiting(id)->has_value());
  expect_counts(0, 1, 0, 0);
}

TEST_P(job_store_outcome, RetryWaitsForItsTimeAndCostsAnAttempt) {
  const auto id = enqueue("probe.task");
  EXPECT_EQ(end(id, attempt_outcome::retry).ended_as, job_state::waiting);
  const auto waiting = job(id);
  EXPECT_EQ(waiting.state, job_state::waiting);
  EXPECT_EQ(waiting.job.attempts, 1);
  EXPECT_EQ(waiting.job.run_at, clock.now() + minutes{1});
  ASSERT_EQ(waiting.errors.size(), 1u);
  EXPECT_EQ(waiting.errors[0].attempt, 1);
  EXPECT_EQ(waiting.errors[0].code, error_code::network);
  EXPECT_EQ(waiting.errors[0].cls, error_class::retryable);
  EXPECT_EQ(waiting.errors[0].message, "no answer");
  EXPECT_EQ(waiting.errors[0].at, clock.now());
  EXPECT_EQ(waiting.errors[0].node, "node-1");
  EXPECT_TRUE(ready_ids("default").empty());
  clock.advance(minutes{1});
  EXPECT_EQ(ready_ids("default"), std::vector{id});
  end(id, attempt_outcome::failed);
  const auto failed = job(id);
  ASSERT_EQ(failed.errors.size(), 2u);
  EXPECT_EQ(failed.errors[1].attempt, 2);
}

TEST_P(job_store_outcome, PostponementCostsNoAttempt) {
  const auto id = enqueue("probe.task");
  EXPECT_EQ(end(id, attempt_outcome::postponed).ended_as, job_state::waiting);
  EXPECT_EQ(job(id).job.attempts, 0);
  EXPECT_EQ(job(id).job.run_at, clock.now() + minutes{1});
}

TEST_P(job_store_outcome, FailureIsToldByAnEvent) {
  const auto id = enqueue("probe.task");
  EXPECT_EQ(end(id, attempt_outcome::failed).ended_as, job_state::failed);
  EXPECT_EQ(job(id).state, job_state::failed);
  EXPECT_EQ(job(id).job.attempts, 1);
  EXPECT_THAT(event_types("job.*"), ElementsAre("job.failed"));
  ASSERT_EQ(news.events.size(), 1u);
  EXPECT_EQ(news.events[0].type, "job.failed");
  expect_counts(0, 0, 1, 0);
}

TEST_P(job_store_outcome, FailureOfAnIntegrationsJobNamesTheIntegration) {
  auto wanted = request("probe.task");
  wanted.integration = add_probe("Ann's \"account\"", std::chrono::hours{1});
  const auto id = enqueue(wanted).id;
  end(id, attempt_outcome::failed);
  ASSERT_EQ(news.events.size(), 1u);
  EXPECT_THAT(news.events[0].data, ::testing::HasSubstr(R"("service":"probe","integration":"Ann's \"account\"")"));
}

TEST_P(job_store_outcome, SuccessIsStoredWithoutAnEvent) {
  end(enqueue("probe.task"), attempt_outcome::succeeded);
  EXPECT_TRUE(event_types().empty());
}

TEST_P(job_store_outcome, AnOldAttemptCommitsNothing) {
  const auto id = enqueue("probe.task");
  end(id, attempt_outcome::retry);
  unit_of_work late;
  late.ends = over(id);
  late.jobs.push_back(request("probe.page", "follow"));
  late.events.push_back({"probe.done", "jobs/1"});
  const auto refused = commit(late);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.refused->code, error_code::conflict);
  EXPECT_TRUE(ready_ids("follow").empty());
  EXPECT_TRUE(event_types().empty());
  EXPECT_EQ(job(id).state, job_state::waiting);
}

TEST_P(job_store_outcome, AnEndedJobEndsOnlyOnce) {
  for (const auto outcome : {attempt_outcome::succeeded, attempt_outcome::failed, attempt_outcome::cancelled}) {
    const auto id = enqueue("probe.task");
    end(id, outcome);
    unit_of_work again;
    again.ends = over(id);
    const auto refused = commit(again);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.refused->code, error_code::conflict);
  }
}

TEST_P(job_store_outcome, TwoEndsOfOneAttemptInOneGroupGiveOneEnd) {
  unit_of_work end_it;
  end_it.ends = over(enqueue("probe.task"));
  end_it.jobs.push_back(request("probe.page", "follow"));
  const auto done = commit_group({end_it, end_it});
  const auto& answers = done.batches.front().units;
  EXPECT_TRUE(answers[0].ok());
  EXPECT_FALSE(answers[1].ok());
  EXPECT_EQ(ready_ids("follow").size(), 1u);
  expect_counts(0, 1, 0, 0);
}

TEST_P(job_store_outcome, CancelOfAWaitingJobIsAtOnceAndTold) {
  const auto id = enqueue("probe.task");
  apply(cancel_job{id, "not needed"});
  EXPECT_EQ(job(id).state, job_state::cancelled);
  EXPECT_EQ(job(id).finished_at, clock.now());
  EXPECT_THAT(event_types(), ElementsAre("job.cancelled"));
  EXPECT_TRUE(ready_ids("default").empty());
  expect_counts(0, 0, 0, 1);
}

TEST_P(job_store_outcome, CancelAndRetryAreRefusedInOtherStates) {
  const auto id = enqueue("probe.task");
  EXPECT_EQ(answer(retry_job{id}).refused->code, error_code::conflict);
  end(id, attempt_outcome::succeeded);
  EXPECT_EQ(answer(retry_job{id}).refused->code, error_code::conflict);
  EXPECT_EQ(answer(cancel_job{id, ""}).refused->code, error_code::conflict);
  EXPECT_EQ(answer(retry_job{job_id{5}}).refused->code, error_code::not_found);
  EXPECT_EQ(answer(cancel_job{job_id{5}, ""}).refused->code, error_code::not_found);
}

TEST_P(job_store_outcome, AFailedJobRetriedByAPersonStartsAfresh) {
  const auto id = enqueue("probe.task");
  end(id, attempt_outcome::failed);
  apply(retry_job{id});
  ASSERT_EQ(news.ready.size(), 1u);
  EXPECT_EQ(news.ready[0].id, id);
  const auto waiting = job(id);
  EXPECT_EQ(waiting.state, job_state::waiting);
  EXPECT_EQ(waiting.job.attempts, 0);
  EXPECT_EQ(waiting.finished_at, no_time);
  EXPECT_EQ(ready_ids("default"), std::vector{id});
  expect_counts(1, 0, 0, 0);
}

TEST_P(job_store_outcome, RetryOfOneInAGroupHoldsBackTheRest) {
  auto wanted = request("probe.task");
  wanted.group_key = "o/c/a";
  const auto first = enqueue(wanted).id;
  enqueue(wanted);
  end(first, attempt_outcome::retry);
  EXPECT_TRUE(ready_ids("default").empty());
  clock.advance(minutes{1});
  EXPECT_EQ(ready_ids("default"), std::vector{first});
}

TEST_P(job_store_outcome, EveryKindOfEndReleasesTheNextOfTheGroup) {
  auto wanted = request("probe.task");
  wanted.group_key = "o/c/a";
  std::vector<job_id> all;
  for (int i = 0; i < 4; ++i)
    all.push_back(enqueue(wanted).id);
  end(all[0], attempt_outcome::failed);
  EXPECT_EQ(ready_ids("default"), std::vector{all[1]});
  EXPECT_EQ(news.ready.at(0).id, all[1]);
  end(all[1], attempt_outcome::cancelled);
  EXPECT_EQ(ready_ids("default"), std::vector{all[2]});
  EXPECT_EQ(news.ready.at(0).id, all[2]);
  apply(cancel_job{all[2], ""});
  EXPECT_EQ(ready_ids("default"), std::vector{all[3]});
  EXPECT_EQ(news.ready.at(0).id, all[3]);
}

TEST_P(job_store_outcome, FollowUpsAndEventsComeWithTheEnd) {
  const auto id = enqueue("probe.fetch", "fetch");
  unit_of_work rest;
  rest.jobs.push_back(request("probe.page"));
  rest.jobs.push_back(request("probe.fetch"));
  rest.events.push_back({"probe.fetched", "jobs/1", R"({"pages":1})"});
  const auto done = end(id, attempt_outcome::succeeded, std::move(rest));
  ASSERT_EQ(done.jobs.size(), 2u);
  EXPECT_EQ(ready_ids("process"), std::vector{done.jobs[0].id});
  EXPECT_EQ(ready_ids("fetch"), std::vector{done.jobs[1].id});
  EXPECT_THAT(event_types(), ElementsAre("probe.fetched"));
}

TEST_P(job_store_outcome, ProgressIsReplacedAndShown) {
  const auto id = enqueue("probe.task");
  EXPECT_FALSE(job(id).latest_progress);
  progress value;
  value.stage = "fetch";
  value.message = "page 1";
  value.percent = 10;
  apply(write_progress{id, value});
  value.message = "page 2";
  value.percent = 20;
  apply(write_progress{id, value});
  const auto shown = job(id).latest_progress;
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->stage, "fetch");
  EXPECT_EQ(shown->message, "page 2");
  EXPECT_EQ(shown->percent, 20);
}

TEST_P(job_store_outcome, ExchangesAreKeptWithTheJobInOrder) {
  const auto id = enqueue("probe.fetch", "fetch");
  unit_of_work rest;
  for (std::uint16_t i = 1; i <= 2; ++i) {
    http_exchange exchange;
    exchange.job = id;
    exchange.attempt = 1;
    exchange.request_number = i;
    exchange.try_number = 1;
    exchange.method = "GET";
    exchange.url = "https://api.example/items?page=" + std::to_string(i);
    exchange.status = i == 1 ? 200 : 0;
    exchange.error = i == 1 ? "" : "connection reset";
    exchange.took = std::chrono::milliseconds{12};
    exchange.request_bytes = 100;
    exchange.response_bytes = 2000;
    exchange.at = clock.now();
    rest.exchanges.push_back(exchange);
  }
  end(id, attempt_outcome::succeeded, std::move(rest));
  const auto kept = jobs().exchanges(id);
  ASSERT_TRUE(kept);
  ASSERT_EQ(kept->size(), 2u);
  EXPECT_EQ((*kept)[0].status, 200);
  EXPECT_EQ((*kept)[0].url, "https://api.example/items?page=1");
  EXPECT_EQ((*kept)[0].took, duration{std::chrono::milliseconds{12}});
  EXPECT_EQ((*kept)[1].status, 0);
  EXPECT_EQ((*kept)[1].error, "connection reset");
  EXPECT_EQ((*kept)[1].response_bytes, 2000);
  EXPECT_TRUE(jobs().exchanges(job_id{4})->empty());
}

} // namespace
} // namespace penstock::storage
