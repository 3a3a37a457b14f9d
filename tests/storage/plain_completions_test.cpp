#include "tests/storage/store_fixture.hpp"

// Jobs that ended alike are completed by one statement: each must still be fenced by itself.
namespace penstock::storage {
namespace {

class plain_completions : public store_fixture {
protected:
  void SetUp() override { open(); }
  std::vector<job_id> enqueue_many(std::size_t count) {
    unit_of_work unit;
    unit.jobs.assign(count, request());
    std::vector<job_id> found;
    for (const auto& each : commit_one(std::move(unit)).jobs)
      found.push_back(each.id);
    return found;
  }
  std::vector<unit_of_work> ends_of(const std::vector<job_id>& jobs) {
    std::vector<unit_of_work> units;
    for (const auto id : jobs)
      units.push_back(end_of(id));
    return units;
  }
};

TEST_F(plain_completions, EverySizeOfGroupIsCompleted) {
  for (const std::size_t size : {1u, 7u, 8u, 63u, 64u, 65u, 200u}) {
    const auto jobs = enqueue_many(size);
    clock.advance(std::chrono::seconds{1});
    const auto done = commit(ends_of(jobs));
    for (const auto& unit : done.batches[0].units)
      EXPECT_EQ(unit.ended_as, job_state::completed);
    EXPECT_EQ(job(jobs.back()).finished_at, clock.now());
    EXPECT_EQ(job(jobs.back()).job.attempts, 1);
  }
  EXPECT_EQ(number("SELECT COUNT(*) FROM job_states WHERE state <> 3"), 0);
  expect_counts_agree();
}

TEST_F(plain_completions, WhatLiesBetweenThemIsLeftAlone) {
  const auto jobs = enqueue_many(200);
  std::vector<job_id> even;
  for (std::size_t i = 0; i < jobs.size(); i += 2)
    even.push_back(jobs[i]);
  const auto done = commit(ends_of(even));
  for (const auto& unit : done.batches[0].units)
    EXPECT_EQ(unit.ended_as, job_state::completed);
  for (std::size_t i = 0; i < jobs.size(); ++i)
    EXPECT_EQ(job(jobs[i]).state, i % 2 == 0 ? job_state::completed : job_state::waiting) << i;
  expect_counts_agree();
}

TEST_F(plain_completions, OneThatIsGoneIsNotMadeUpForByOneThatLiesBetween) {
  const auto jobs = enqueue_many(30);
  unit_of_work cancel;
  cancel.changes.push_back(cancel_job{jobs[10], "no need"});
  ASSERT_TRUE(commit_one(std::move(cancel)).ok());
  auto ended = jobs;
  ended.erase(ended.begin() + 20); // as many lie in the stretch as end, but not the same ones
  const auto done = commit(ends_of(ended));
  for (std::size_t i = 0; i < ended.size(); ++i)
    EXPECT_EQ(done.batches[0].units[i].ok(), ended[i] != jobs[10]) << i;
  EXPECT_EQ(job(jobs[20]).state, job_state::waiting);
  EXPECT_EQ(job(jobs[10]).state, job_state::cancelled);
  expect_counts_agree();
}

TEST_F(plain_completions, TheyMayComeInAnyOrder) {
  auto jobs = enqueue_many(100);
  std::reverse(jobs.begin(), jobs.end());
  const auto done = commit(ends_of(jobs));
  for (const auto& unit : done.batches[0].units)
    EXPECT_EQ(unit.ended_as, job_state::completed);
  expect_counts_agree();
}

TEST_F(plain_completions, JobsWithTiesAmongThemEndWithAllThatFollows) {
  auto jobs = enqueue_many(20);
  auto unique = request();
  unique.unique_key = "k";
  jobs.insert(jobs.begin() + 3, enqueue(unique));
  auto grouped = request();
  grouped.group_key = "o/c/g";
  jobs.insert(jobs.begin() + 10, enqueue(grouped));
  const auto second = enqueue(grouped);
  auto large = request();
  large.args = R"({"text":")" + std::string(5000, 'x') + R"("})";
  jobs.push_back(enqueue(large));
  const auto done = commit(ends_of(jobs));
  for (const auto& unit : done.batches[0].units)
    EXPECT_EQ(unit.ended_as, job_state::completed);
  ASSERT_EQ(done.news.ready.size(), 1u);
  EXPECT_EQ(done.news.ready[0].id, second);
  EXPECT_EQ(number("SELECT COUNT(*) FROM unique_keys"), 0);
  EXPECT_EQ(number("SELECT COUNT(*) FROM job_payloads"), 0);
  expect_counts_agree();
}

TEST_F(plain_completions, AStaleEndAmongThemIsRefusedAlone) {
  const auto jobs = enqueue_many(64);
  unit_of_work cancel;
  cancel.changes.push_back(cancel_job{jobs[5], "no need"});
  ASSERT_TRUE(commit_one(std::move(cancel)).ok());
  auto units = ends_of(jobs);
  units[9].ends->attempts = 3;
  units[11].ends->queue = "elsewhere";
  for (std::size_t i = 0; i < units.size(); ++i)
    units[i].jobs.push_back(request("probe.page"));
  const auto done = commit(std::move(units));
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const auto& unit = done.batches[0].units[i];
    if (i == 5 || i == 9)
      EXPECT_EQ(unit.refused->code, error_code::conflict) << i;
    else
      EXPECT_TRUE(unit.ok()) << i;
  }
  EXPECT_EQ(number("SELECT COUNT(*) FROM jobs WHERE queue_id = 2"), 62) << "follow-ups of what was stored";
  expect_counts_agree();
}

TEST_F(plain_completions, OneJobNamedTwiceEndsOnce) {
  const auto jobs = enqueue_many(10);
  auto twice = jobs;
  twice[4] = jobs[7];
  const auto done = commit(ends_of(twice));
  int refused = 0;
  for (const auto& unit : done.batches[0].units)
    refused += unit.ok() ? 0 : 1;
  EXPECT_EQ(refused, 1);
  EXPECT_EQ(job(jobs[7]).state, job_state::completed);
  EXPECT_EQ(job(jobs[4]).state, job_state::waiting);
  expect_counts_agree();
}

TEST_F(plain_completions, AnEndSentAgainWithTheSameTimesIsRefused) {
  const auto jobs = enqueue_many(20);
  ASSERT_TRUE(commit_one(end_of(jobs[3])).ok());
  const auto done = commit(ends_of(jobs)); // at the same moment: the rows look alike afterwards
  for (std::size_t i = 0; i < jobs.size(); ++i)
    EXPECT_EQ(done.batches[0].units[i].ok(), i != 3) << i;
  expect_counts_agree();
}

TEST_F(plain_completions, ThoseWithAGroupEndTogetherToo) {
  unit_of_work unit;
  auto grouped = request();
  grouped.group_key = "tenant";
  unit.jobs.assign(70, grouped);
  std::vector<job_id> jobs;
  for (const auto& each : commit_one(std::move(unit)).jobs)
    jobs.push_back(each.id);
  auto units = ends_of(jobs);
  for (auto& each : units)
    each.ends->grouped = true;
  const auto done = commit(std::move(units));
  for (const auto& each : done.batches[0].units)
    EXPECT_EQ(each.ended_as, job_state::completed);
  EXPECT_EQ(job(jobs.back()).finished_at, clock.now());
  expect_counts_agree();
}

TEST_F(plain_completions, OneThatWasPutOffMeanwhileEndsAllTheSame) {
  const auto jobs = enqueue_many(20);
  auto late = end_of(jobs[4], attempt_outcome::postponed);
  late.ends->run_again_at = clock.now() + std::chrono::hours{1};
  ASSERT_TRUE(commit_one(late).ok());
  const auto done = commit(ends_of(jobs));
  for (std::size_t i = 0; i < jobs.size(); ++i)
    EXPECT_TRUE(done.batches[0].units[i].ok()) << i; // it is under the same attempt still: its work counts
  expect_counts_agree();
}

TEST_F(plain_completions, AParentThatGotAChildMeanwhileAwaitsIt) {
  const auto jobs = enqueue_many(20);
  auto child = request();
  child.parent = jobs[4];
  const auto young = enqueue(child);
  const auto done = commit(ends_of(jobs));
  for (std::size_t i = 0; i < jobs.size(); ++i)
    EXPECT_EQ(done.batches[0].units[i].ended_as, i == 4 ? job_state::awaiting_children : job_state::completed) << i;
  ASSERT_TRUE(commit_one(end_of(young)).ok());
  EXPECT_EQ(job(jobs[4]).state, job_state::completed);
  expect_counts_agree();
}

TEST_F(plain_completions, AJobsOwnRowIsWrittenOnce) {
  // What makes endings cheap; see docs/performance.md.
  const auto jobs = enqueue_many(1);
  const std::string row = "SELECT state * 1000 + attempts * 100 + spare FROM jobs";
  const auto before = number(row);
  ASSERT_TRUE(commit_one(end_of(jobs[0])).ok());
  EXPECT_EQ(number(row), before);
  EXPECT_EQ(number("SELECT COUNT(*) FROM waiting_jobs"), 0);
}

} // namespace
} // namespace penstock::storage
