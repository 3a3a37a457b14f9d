#include "tests/storage/store_conformance.hpp"

#include <gmock/gmock.h>

// Lists of jobs for people, and the summaries of queues.
namespace penstock::storage {
namespace {

using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class job_store_list : public store_conformance {
protected:
  std::vector<job_id> listed(const job_filter& filter, page_request page = {}) {
    std::vector<job_id> found;
    const auto answer = jobs().list(filter, page);
    EXPECT_TRUE(answer) << answer.error().message;
    for (const auto& each : answer->items)
      found.push_back(each.job.id);
    return found;
  }
};
PENSTOCK_ON_EVERY_STORE(job_store_list);

TEST_P(job_store_list, NewestFirstInPagesWithoutGapsOrRepeats) {
  std::vector<job_id> all;
  for (int i = 0; i < 7; ++i)
    all.insert(all.begin(), enqueue("probe.task"));
  std::vector<job_id> found;
  page_request page{"", 3};
  int pages = 0;
  do {
    const auto answer = jobs().list({}, page);
    ASSERT_TRUE(answer);
    for (const auto& each : answer->items)
      found.push_back(each.job.id);
    enqueue("probe.task"); // what comes meanwhile disturbs nobody
    page.cursor = answer->next_cursor;
    ++pages;
  } while (!page.cursor.empty());
  EXPECT_EQ(found, all);
  EXPECT_EQ(pages, 3);
}

TEST_P(job_store_list, FiltersByState) {
  const auto waiting = enqueue("probe.task");
  const auto failed = enqueue("probe.task");
  const auto completed = enqueue("probe.task");
  const auto cancelled = enqueue("probe.task");
  const auto active = enqueue("probe.task");
  auto grouped = request("probe.task");
  grouped.group_key = "o/c/g";
  const auto in_group = enqueue(grouped).id;
  const auto parent = enqueue("probe.task");
  unit_of_work rest;
  rest.jobs.push_back(request("probe.page"));
  rest.jobs.back().parent = parent;
  const auto child = end(parent, attempt_outcome::succeeded, rest).jobs.at(0).id;
  end(failed, attempt_outcome::failed);
  end(completed, attempt_outcome::succeeded);
  apply(cancel_job{cancelled, ""});
  claim("default", 0, {active});
  EXPECT_THAT(listed({.state = job_state::waiting}), ElementsAre(child, in_group, waiting));
  EXPECT_THAT(listed({.state = job_state::active}), ElementsAre(active));
  EXPECT_THAT(listed({.state = job_state::awaiting_children}), ElementsAre(parent));
  EXPECT_THAT(listed({.state = job_state::completed}), ElementsAre(completed));
  EXPECT_THAT(listed({.state = job_state::failed}), ElementsAre(failed));
  EXPECT_THAT(listed({.state = job_state::cancelled}), ElementsAre(cancelled));
  EXPECT_EQ(listed({}).size(), 8u);
  EXPECT_EQ(jobs().list({.state = job_state::failed}, {})->items.at(0).errors.size(), 1u);
}

TEST_P(job_store_list, FiltersByQueueKindIntegrationAndRun) {
  auto wanted = request("probe.fetch");
  wanted.integration = {3};
  wanted.run = {4};
  const auto fetch = enqueue(wanted).id;
  const auto page = enqueue("probe.page");
  EXPECT_THAT(listed({.queue = "fetch"}), ElementsAre(fetch));
  EXPECT_THAT(listed({.kind = "probe.page"}), ElementsAre(page));
  EXPECT_THAT(listed({.integration = {3}}), ElementsAre(fetch));
  EXPECT_THAT(listed({.run = {4}}), ElementsAre(fetch));
  EXPECT_THAT(
    listed({.state = job_state::waiting, .queue = "fetch", .kind = "probe.fetch", .integration = {3}, .run = {4}}),
    ElementsAre(fetch));
  EXPECT_THAT(listed({.queue = "fetch", .kind = "probe.page"}), IsEmpty());
  EXPECT_THAT(listed({.queue = "unknown"}), IsEmpty());
  EXPECT_THAT(listed({.kind = "unknown"}), IsEmpty());
  EXPECT_THAT(listed({.run = {5}}), IsEmpty());
  claim("fetch", 0, {fetch});
  EXPECT_THAT(listed({.state = job_state::active, .run = {4}}), ElementsAre(fetch));
  EXPECT_THAT(listed({.state = job_state::active, .kind = "probe.page"}), IsEmpty());
}

TEST_P(job_store_list, TextIsLookedForLiterallyInKindArgsAndErrors) {
  auto wanted = request("probe.task");
  wanted.args = R"({"account":"acc_100%"})";
  const auto with_args = enqueue(wanted).id;
  wanted.args = R"({"account":"acc_1000"})";
  enqueue(wanted);
  const auto page = enqueue("probe.page");
  const auto failed = enqueue("probe.task");
  end(failed, attempt_outcome::failed);
  EXPECT_THAT(listed({.text = "100%"}), ElementsAre(with_args));
  EXPECT_THAT(listed({.text = "acc_1"}).size(), 2u);
  EXPECT_THAT(listed({.text = "acc.1"}), IsEmpty());
  EXPECT_THAT(listed({.text = ".page"}), ElementsAre(page));
  EXPECT_THAT(listed({.text = "no answer"}), ElementsAre(failed));
  EXPECT_THAT(listed({.text = "' OR 1=1 --"}), IsEmpty());
}

TEST_P(job_store_list, BadPageRequestsAreRefused) {
  for (const page_request& page : {page_request{"", 0}, page_request{"", 201}, page_request{"abc", 10},
                                   page_request{"-1", 10}, page_request{"1 OR 1", 10}}) {
    const auto answer = jobs().list({}, page);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, error_code::invalid_argument);
  }
  EXPECT_EQ(jobs().ready("default", clock.now(), 0).error().code, error_code::invalid_argument);
}

TEST_P(job_store_list, UnknownJobsAreNotFound) {
  EXPECT_EQ(jobs().find(job_id{5}).error().code, error_code::not_found);
  EXPECT_FALSE(jobs().find_waiting(job_id{5})->has_value());
  EXPECT_EQ(jobs().payload(job_id{5}).error().code, error_code::not_found);
}

TEST_P(job_store_list, LargeArgsComeWithTheJobAndNotInLists) {
  auto wanted = request("probe.task");
  wanted.args = R"({"a":")" + std::string(100'000, 'x') + R"("})";
  const auto id = enqueue(wanted).id;
  EXPECT_EQ(job(id).job.args, wanted.args);
  EXPECT_EQ((*jobs().find_waiting(id))->args, wanted.args);
  EXPECT_EQ(jobs().ready("default", clock.now(), 1)->jobs.at(0).args, wanted.args);
  EXPECT_EQ(jobs().list({}, {})->items.at(0).job.args, "");
}

TEST_P(job_store_list, SummariesTellWaitingFromDelayedAndActive) {
  const auto since = clock.now();
  const auto first = enqueue("probe.task");
  clock.advance(minutes{1});
  enqueue("probe.task");
  auto wanted = request("probe.task");
  wanted.group_key = "o/c/g";
  enqueue(wanted);
  wanted.group_key.clear();
  wanted.run_at = clock.now() + minutes{5};
  enqueue(wanted);
  wanted.group_key = "o/c/h";
  enqueue(wanted);
  auto counts = summary("default");
  EXPECT_EQ(counts.waiting, 3);
  EXPECT_EQ(counts.delayed, 2);
  EXPECT_EQ(counts.active, 0);
  EXPECT_EQ(counts.oldest_waiting_since, since);
  EXPECT_FALSE(counts.paused);

  claim("default", 0, {first});
  counts = summary("default");
  EXPECT_EQ(counts.waiting, 2);
  EXPECT_EQ(counts.active, 1);
  EXPECT_EQ(counts.oldest_waiting_since, since + minutes{1});
  clock.advance(minutes{5});
  EXPECT_EQ(summary("default").delayed, 0);
  EXPECT_EQ(summary("default").waiting, 4);
}

TEST_P(job_store_list, APausedQueueIsShownAndStillTakesJobs) {
  apply(pause_queue{"default", true});
  EXPECT_TRUE(summary("default").paused);
  const auto id = enqueue("probe.task");
  EXPECT_THAT(ready_ids("default"), ElementsAre(id));
  apply(pause_queue{"default", false});
  EXPECT_FALSE(summary("default").paused);
  EXPECT_THAT(event_types("queue.*"), ElementsAre("queue.paused", "queue.resumed"));
}

} // namespace
} // namespace penstock::storage
