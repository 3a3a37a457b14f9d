#include "tests/storage/store_conformance.hpp"

// How jobs come into a store and in which order they are handed out.
namespace penstock::storage {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class job_store_enqueue : public store_conformance {};
PENSTOCK_ON_EVERY_STORE(job_store_enqueue);

TEST_P(job_store_enqueue, JobIsReadyAfterItsCommitAndToldOf) {
  auto wanted = request("probe.task");
  wanted.args = R"({"a":1})";
  wanted.triggered_by = "api";
  wanted.trace_id = "trace-1";
  wanted.organisation = {7};
  const auto answer = enqueue(wanted);
  EXPECT_TRUE(answer.id);
  EXPECT_FALSE(answer.deduplicated);
  EXPECT_FALSE(answer.dropped);
  ASSERT_EQ(news.ready.size(), 1u);
  EXPECT_EQ(news.ready[0].id, answer.id);
  EXPECT_EQ(news.ready[0].args, R"({"a":1})");

  const auto stored = job(answer.id);
  EXPECT_EQ(stored.state, job_state::waiting);
  EXPECT_EQ(stored.job.kind, "probe.task");
  EXPECT_EQ(stored.job.queue, "default");
  EXPECT_EQ(stored.job.args, R"({"a":1})");
  EXPECT_EQ(stored.job.priority, 5);
  EXPECT_EQ(stored.job.attempts, 0);
  EXPECT_EQ(stored.job.organisation, organisation_id{7});
  EXPECT_EQ(stored.job.trace_id, "trace-1");
  EXPECT_EQ(stored.triggered_by, "api");
  EXPECT_EQ(stored.created_at, clock.now());
  EXPECT_EQ(ready_ids("default"), std::vector{answer.id});
}

TEST_P(job_store_enqueue, AbsentValuesStayAbsentAndStatedOnesAreKept) {
  const auto plain = job(enqueue("probe.task")).job;
  EXPECT_FALSE(plain.max_attempts);
  EXPECT_FALSE(plain.backoff);
  EXPECT_FALSE(plain.timeout);

  auto wanted = request("probe.task", "elsewhere");
  wanted.max_attempts = 4;
  wanted.backoff = backoff_policy::list({minutes{1}, minutes{5}});
  wanted.timeout = seconds{90};
  wanted.priority = 2;
  wanted.integration = {11};
  wanted.stream = "transactions/acc_1";
  wanted.run = {12};
  const auto stated = job(enqueue(wanted).id).job;
  EXPECT_EQ(stated.queue, "elsewhere");
  EXPECT_EQ(stated.max_attempts, 4);
  EXPECT_EQ(stated.backoff, backoff_policy::list({minutes{1}, minutes{5}}));
  EXPECT_EQ(stated.timeout, duration{seconds{90}});
  EXPECT_EQ(stated.priority, 2);
  EXPECT_EQ(stated.integration, integration_id{11});
  EXPECT_EQ(stated.stream, "transactions/acc_1");
  EXPECT_EQ(stated.run, run_id{12});
}

TEST_P(job_store_enqueue, TheKindsQueueIsUsedWhereNoneIsNamed) {
  EXPECT_EQ(job(enqueue("probe.fetch", "")).job.queue, "fetch");
}

TEST_P(job_store_enqueue, OrderIsPriorityThenTimeThenId) {
  auto wanted = request("probe.task");
  const auto first = enqueue(wanted).id;
  const auto second = enqueue(wanted).id;
  wanted.run_at = clock.now() - minutes{1};
  const auto older = enqueue(wanted).id;
  wanted.run_at = no_time;
  wanted.priority = 9;
  const auto last = enqueue(wanted).id;
  wanted.priority = 0;
  const auto urgent = enqueue(wanted).id;
  EXPECT_EQ(ready_ids("default"), (std::vector{urgent, older, first, second, last}));
}

TEST_P(job_store_enqueue, LimitCutsTheWindowAndSaysSo) {
  for (int i = 0; i < 3; ++i)
    enqueue("probe.task");
  auto window = jobs().ready("default", clock.now(), 2);
  ASSERT_TRUE(window);
  EXPECT_EQ(window->jobs.size(), 2u);
  EXPECT_TRUE(window->more);
  window = jobs().ready("default", clock.now(), 3);
  ASSERT_TRUE(window);
  EXPECT_EQ(window->jobs.size(), 3u);
  EXPECT_FALSE(window->more);
}

TEST_P(job_store_enqueue, WindowsReadOneBehindTheOtherMeetEachJobOnce) {
  for (int i = 0; i < 24; ++i) {
    auto wanted = request("probe.task");
    wanted.priority = static_cast<std::uint8_t>(i % 3 * 4);
    if (i % 5 == 0)
      wanted.run_at = clock.now() - minutes{i};
    enqueue(wanted);
  }
  const auto all = ready_ids("default");
  ASSERT_EQ(all.size(), 24u);
  for (const std::int64_t limit : {1, 5, 23, 24}) {
    std::vector<job_id> met;
    queue_place last;
    for (bool more = true; more;) {
      const auto window = jobs().ready("default", clock.now(), limit, last);
      ASSERT_TRUE(window);
      ASSERT_FALSE(window->jobs.empty());
      for (const auto& job : window->jobs)
        met.push_back(job.id);
      last = window->jobs.back().place();
      more = window->more;
    }
    EXPECT_EQ(met, all) << "windows of " << limit;
  }
}

TEST_P(job_store_enqueue, NameOfAQueueIsAWord) {
  for (const auto* wrong : {"Bad Q!", "a/b", "a\nb"}) {
    auto wanted = request("probe.task");
    wanted.queue = wrong;
    unit_of_work unit;
    unit.jobs.push_back(std::move(wanted));
    const auto result = commit(std::move(unit));
    ASSERT_TRUE(result.refused) << wrong;
    EXPECT_EQ(result.refused->code, error_code::invalid_argument);
  }
  EXPECT_TRUE(enqueue("probe.task", "bank-import.2_b"));
}

TEST_P(job_store_enqueue, QueuesAreApart) {
  const auto here = enqueue("probe.task", "here");
  enqueue("probe.task", "there");
  EXPECT_EQ(ready_ids("here"), std::vector{here});
  EXPECT_TRUE(ready_ids("nowhere").empty());
}

TEST_P(job_store_enqueue, DelayedJobIsReadyAtItsTimeWithoutAWrite) {
  auto wanted = request("probe.task");
  wanted.run_at = clock.now() + minutes{2};
  const auto later = enqueue(wanted).id;
  wanted.run_at = clock.now() + minutes{1};
  wanted.priority = 9;
  const auto sooner = enqueue(wanted).id;
  auto window = jobs().ready("default", clock.now(), 10);
  ASSERT_TRUE(window);
  EXPECT_TRUE(window->jobs.empty());
  EXPECT_EQ(window->next_run_at, clock.now() + minutes{1});

  clock.advance(minutes{1});
  EXPECT_EQ(ready_ids("default"), std::vector{sooner});
  window = jobs().ready("default", clock.now(), 10);
  ASSERT_TRUE(window);
  EXPECT_EQ(window->next_run_at, clock.now() + minutes{1});
  clock.advance(minutes{1});
  EXPECT_EQ(ready_ids("default"), (std::vector{later, sooner}));
  window = jobs().ready("default", clock.now(), 10);
  ASSERT_TRUE(window);
  EXPECT_EQ(window->next_run_at, no_time);
}

TEST_P(job_store_enqueue, OfAGroupOnlyTheFirstIsReady) {
  auto wanted = request("probe.task");
  wanted.group_key = "o/c/a";
  const auto first = enqueue(wanted).id;
  const auto second = enqueue(wanted).id;
  EXPECT_TRUE(news.ready.empty()) << "it stands behind another";
  wanted.group_key = "o/c/b";
  const auto other = enqueue(wanted).id;
  const auto alone = enqueue("probe.task");
  EXPECT_EQ(ready_ids("default"), (std::vector{first, other, alone}));

  end(first, attempt_outcome::succeeded);
  ASSERT_EQ(news.ready.size(), 1u);
  EXPECT_EQ(news.ready[0].id, second);
  EXPECT_EQ(ready_ids("default"), (std::vector{second, other, alone}));
}

TEST_P(job_store_enqueue, AHigherPriorityDoesNotOvertakeInItsGroup) {
  auto wanted = request("probe.task");
  wanted.group_key = "o/c/a";
  const auto first = enqueue(wanted).id;
  wanted.priority = 0;
  enqueue(wanted);
  EXPECT_EQ(ready_ids("default"), std::vector{first});
}

TEST_P(job_store_enqueue, ADelayedJobHoldsBackItsGroup) {
  auto wanted = request("probe.task");
  wanted.group_key = "o/c/a";
  wanted.run_at = clock.now() + minutes{1};
  const auto first = enqueue(wanted).id;
  wanted.run_at = no_time;
  const auto second = enqueue(wanted).id;
  EXPECT_TRUE(ready_ids("default").empty());
  clock.advance(minutes{1});
  EXPECT_EQ(ready_ids("default"), std::vector{first});
  end(first, attempt_outcome::succeeded);
  EXPECT_EQ(ready_ids("default"), std::vector{second});
}

TEST_P(job_store_enqueue, TheSameGroupInAnotherQueueIsAnotherGroup) {
  auto wanted = request("probe.task", "one");
  wanted.group_key = "o/c/a";
  enqueue(wanted);
  wanted.queue = "two";
  const auto other = enqueue(wanted).id;
  EXPECT_EQ(ready_ids("two"), std::vector{other});
}

TEST_P(job_store_enqueue, ADeepGroupHidesNobodyBehindIt) {
  auto wanted = request("probe.task");
  wanted.group_key = "o/c/deep";
  unit_of_work unit;
  unit.jobs.assign(4500, wanted);
  const auto deep = commit(std::move(unit));
  ASSERT_TRUE(deep.ok());
  const auto alone = enqueue("probe.task");
  wanted.group_key = "o/c/behind";
  const auto behind = enqueue(wanted).id;
  enqueue(wanted);
  wanted.group_key = "o/c/later";
  wanted.run_at = clock.now() + minutes{1};
  enqueue(wanted);
  EXPECT_EQ(ready_ids("default", 10), (std::vector{deep.jobs.front().id, alone, behind}));
}

TEST_P(job_store_enqueue, GroupedJobsTakeTheirPlacesInAFullWindow) {
  auto wanted = request("probe.task");
  wanted.group_key = "o/c/a";
  const auto early = enqueue(wanted).id;
  clock.advance(seconds{1});
  const auto first = enqueue("probe.task");
  const auto second = enqueue("probe.task");
  enqueue("probe.task");
  clock.advance(seconds{1});
  wanted.group_key = "o/c/b";
  const auto late = enqueue(wanted).id;
  EXPECT_EQ(ready_ids("default", 3), (std::vector{early, first, second}));
  wanted.group_key = "o/c/c";
  wanted.priority = 0;
  const auto urgent = enqueue(wanted).id;
  EXPECT_EQ(ready_ids("default", 2), (std::vector{urgent, early}));
  EXPECT_EQ(ready_ids("default").back(), late);
}

TEST_P(job_store_enqueue, BulkIsAllOrNothing) {
  unit_of_work unit;
  unit.jobs.assign(100, request("probe.task"));
  EXPECT_EQ(commit(unit).jobs.size(), 100u);
  unit.jobs.back().args = std::string(max_args_bytes + 1, ' ');
  const auto refused = commit(unit);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.refused->code, error_code::invalid_argument);
  EXPECT_TRUE(news.ready.empty());
  EXPECT_EQ(ready_ids("default", 1000).size(), 100u);
  EXPECT_EQ(summary("default").waiting, 100);
}

TEST_P(job_store_enqueue, ARefusedUnitLeavesItsNeighboursAlone) {
  unit_of_work good;
  good.jobs.push_back(request("probe.task"));
  unit_of_work bad = good;
  bad.changes.push_back(cancel_job{job_id{99}, "gone"});
  const auto done = commit_group({good, bad, good});
  const auto& answers = done.batches.front().units;
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_TRUE(answers[0].ok());
  ASSERT_FALSE(answers[1].ok());
  EXPECT_EQ(answers[1].refused->code, error_code::not_found);
  EXPECT_TRUE(answers[2].ok());
  EXPECT_EQ(ready_ids("default").size(), 2u);
}

TEST_P(job_store_enqueue, PayloadsOfAnySizeComeBackAndGoWithTheCompletion) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{2045}, std::size_t{2046}, std::size_t{3'000'000}}) {
    auto wanted = request("probe.page");
    wanted.payload = std::string(size, 'x') + "\"ü"; // three bytes
    const auto id = enqueue(wanted).id;
    EXPECT_TRUE(job(id).job.has_payload);
    EXPECT_EQ(jobs().payload(id), wanted.payload) << size;
    EXPECT_EQ(jobs().payload_from(id, 0).value_or(std::nullopt).value_or(payload_piece{}).bytes.substr(0, 2048),
              wanted.payload.substr(0, 2048));
    EXPECT_TRUE(end(id, attempt_outcome::succeeded).ok());
    EXPECT_EQ(jobs().payload(id).error().code, error_code::not_found) << "removed with the completion";
  }
  const auto plain = enqueue("probe.task");
  EXPECT_FALSE(job(plain).job.has_payload);
  EXPECT_FALSE(jobs().payload(plain));
}

TEST_P(job_store_enqueue, AFailedJobKeepsItsPayloadForDiagnosis) {
  auto wanted = request("probe.page");
  wanted.payload = "page";
  const auto id = enqueue(wanted).id;
  EXPECT_TRUE(end(id, attempt_outcome::failed).ok());
  EXPECT_EQ(jobs().payload(id), "page");
}

} // namespace
} // namespace penstock::storage
