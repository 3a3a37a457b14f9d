#include "tests/storage/store_conformance.hpp"

// At most one job with a unique key among those not ended.
namespace penstock::storage {
namespace {

class job_store_unique : public store_conformance {
protected:
  enqueued enqueue_key(std::string key, std::string kind = "probe.task", organisation_id organisation = {}) {
    auto wanted = request(std::move(kind));
    wanted.unique_key = std::move(key);
    wanted.organisation = organisation;
    return enqueue(std::move(wanted));
  }
};
PENSTOCK_ON_EVERY_STORE(job_store_unique);

TEST_P(job_store_unique, ASecondJobAnswersWithTheFirst) {
  const auto first = enqueue_key("k");
  const auto second = enqueue_key("k");
  EXPECT_FALSE(first.deduplicated);
  EXPECT_TRUE(second.deduplicated);
  EXPECT_EQ(second.id, first.id);
  EXPECT_TRUE(news.ready.empty());
  EXPECT_EQ(job(first.id).unique_key, "k");
  EXPECT_EQ(ready_ids("default"), std::vector{first.id});
  EXPECT_EQ(summary("default").waiting, 1);
}

TEST_P(job_store_unique, HoldsWithinOneUnitAndOneGroup) {
  auto wanted = request("probe.task");
  wanted.unique_key = "k";
  unit_of_work unit;
  unit.jobs = {wanted, wanted};
  const auto done = commit_group({unit, unit});
  std::vector<enqueued> all = done.batches.front().units[0].jobs;
  const auto& more = done.batches.front().units[1].jobs;
  all.insert(all.end(), more.begin(), more.end());
  ASSERT_EQ(all.size(), 4u);
  EXPECT_FALSE(all[0].deduplicated);
  for (std::size_t i = 1; i < all.size(); ++i) {
    EXPECT_TRUE(all[i].deduplicated);
    EXPECT_EQ(all[i].id, all[0].id);
  }
}

TEST_P(job_store_unique, IsScopedToOrganisationAndKind) {
  EXPECT_FALSE(enqueue_key("k").deduplicated);
  EXPECT_FALSE(enqueue_key("k", "probe.page").deduplicated);
  EXPECT_FALSE(enqueue_key("k", "probe.task", {1}).deduplicated);
  EXPECT_FALSE(enqueue_key("k", "probe.task", {2}).deduplicated);
  EXPECT_TRUE(enqueue_key("k", "probe.task", {2}).deduplicated);
}

TEST_P(job_store_unique, IsFreeAfterEveryKindOfEnd) {
  auto id = enqueue_key("k").id;
  end(id, attempt_outcome::succeeded);
  auto next = enqueue_key("k");
  EXPECT_FALSE(next.deduplicated);
  end(next.id, attempt_outcome::failed);
  next = enqueue_key("k");
  EXPECT_FALSE(next.deduplicated);
  apply(cancel_job{next.id, "no need"});
  next = enqueue_key("k");
  EXPECT_FALSE(next.deduplicated);
  end(next.id, attempt_outcome::cancelled);
  EXPECT_FALSE(enqueue_key("k").deduplicated);
}

TEST_P(job_store_unique, IsHeldThroughRetriesAndWhileChildrenAreAwaited) {
  const auto first = enqueue_key("k").id;
  end(first, attempt_outcome::retry);
  EXPECT_TRUE(enqueue_key("k").deduplicated);

  unit_of_work with_child;
  with_child.jobs.push_back(request("probe.page"));
  with_child.jobs.back().parent = first;
  EXPECT_EQ(end(first, attempt_outcome::succeeded, std::move(with_child)).ended_as, job_state::awaiting_children);
  EXPECT_TRUE(enqueue_key("k").deduplicated);
}

TEST_P(job_store_unique, RetryOfAFailedJobTakesItsKeyBack) {
  const auto first = enqueue_key("k").id;
  end(first, attempt_outcome::failed);
  EXPECT_EQ(apply(retry_job{first}), first.value);
  EXPECT_EQ(job(first).state, job_state::waiting);
  EXPECT_EQ(job(first).job.attempts, 0);
  EXPECT_EQ(enqueue_key("k").id, first);
}

TEST_P(job_store_unique, RetryAnswersWithTheSuccessorThatHoldsTheKey) {
  const auto first = enqueue_key("k").id;
  end(first, attempt_outcome::failed);
  const auto successor = enqueue_key("k").id;
  EXPECT_EQ(apply(retry_job{first}), successor.value);
  EXPECT_EQ(job(first).state, job_state::failed);
  EXPECT_EQ(ready_ids("default"), std::vector{successor});
}

} // namespace
} // namespace penstock::storage
