#include <gtest/gtest.h>

#include "tests/storage/store_conformance.hpp"

// Unique keys that outlive their job, and jobs that run once more because somebody asked meanwhile.
namespace penstock::storage {
namespace {

using std::chrono::minutes;

class job_store_keys : public store_conformance {
protected:
  job_request keyed(std::optional<duration> period = {}, std::optional<bool> once_more = {}) {
    auto wanted = request("probe.task");
    wanted.unique_key = "k";
    wanted.unique_for = period;
    wanted.once_more = once_more;
    return wanted;
  }
  std::size_t of_kind(const std::string& kind) {
    job_filter filter;
    filter.kind = kind;
    return jobs().list(filter, {})->items.size();
  }
};
PENSTOCK_ON_EVERY_STORE(job_store_keys);

TEST_P(job_store_keys, AKeyWithAPeriodIsHeldAfterItsJobHasEnded) {
  const auto first = enqueue(keyed(minutes{10})).id;
  end(first, attempt_outcome::succeeded);
  clock.advance(minutes{9});
  auto second = enqueue(keyed(minutes{10}));
  EXPECT_TRUE(second.deduplicated);
  EXPECT_EQ(second.id, first);
  clock.advance(minutes{1});
  second = enqueue(keyed(minutes{10}));
  EXPECT_FALSE(second.deduplicated);
  EXPECT_NE(second.id, first);
}

TEST_P(job_store_keys, AJobThatOutlivesThePeriodHoldsItsKeyToItsEnd) {
  const auto first = enqueue(keyed(minutes{10})).id;
  clock.advance(minutes{60});
  EXPECT_EQ(enqueue(keyed()).id, first);
  end(first, attempt_outcome::succeeded);
  EXPECT_FALSE(enqueue(keyed()).deduplicated);
}

TEST_P(job_store_keys, OrganisationsHaveKeysOfTheirOwn) {
  auto wanted = keyed();
  wanted.organisation = organisation_id{1};
  const auto first = enqueue(wanted).id;
  wanted.organisation = organisation_id{2};
  const auto other = enqueue(wanted);
  EXPECT_FALSE(other.deduplicated);
  EXPECT_NE(other.id, first);
}

TEST_P(job_store_keys, HoweverManyAskedTheJobRunsOnceMore) {
  auto wanted = keyed({}, true);
  wanted.args = R"({"n":1})";
  const auto first = enqueue(wanted).id;
  for (int i = 0; i < 3; ++i) {
    const auto again = enqueue(wanted);
    EXPECT_EQ(again.id, first);
    EXPECT_TRUE(again.once_more);
  }
  EXPECT_EQ(of_kind("probe.task"), 1u);
  end(first, attempt_outcome::succeeded);
  ASSERT_EQ(news.ready.size(), 1u);
  const auto second = news.ready[0].id;
  EXPECT_EQ(of_kind("probe.task"), 2u);
  EXPECT_EQ(job(second).job.args, R"({"n":1})");
  EXPECT_EQ(job(second).unique_key, "k");
  EXPECT_EQ(enqueue(keyed()).id, second) << "it holds the key now";
  end(second, attempt_outcome::succeeded);
  EXPECT_TRUE(news.ready.empty());
  EXPECT_EQ(of_kind("probe.task"), 2u);
}

TEST_P(job_store_keys, OnceMoreKeepsLargeArgs) {
  auto wanted = keyed({}, true);
  wanted.args = R"({"text":")" + std::string(10'000, 'x') + R"("})";
  const auto first = enqueue(wanted).id;
  enqueue(wanted);
  end(first, attempt_outcome::succeeded);
  ASSERT_EQ(news.ready.size(), 1u);
  EXPECT_EQ(job(news.ready[0].id).job.args, wanted.args);
}

TEST_P(job_store_keys, ARetryThatMeetsASuccessorAnswersWithIt) {
  const auto first = enqueue(keyed({}, true)).id;
  enqueue(keyed({}, true));
  end(first, attempt_outcome::failed);
  ASSERT_EQ(news.ready.size(), 1u);
  const auto successor = news.ready[0].id;
  EXPECT_EQ(apply(retry_job{first}), successor.value);
  EXPECT_EQ(job(first).state, job_state::failed);
}

TEST_P(job_store_keys, AFailedJobWhoseKeyIsKeptForItselfCanBeRetried) {
  const auto first = enqueue(keyed(minutes{10})).id;
  end(first, attempt_outcome::failed);
  EXPECT_EQ(apply(retry_job{first}), first.value);
  EXPECT_EQ(job(first).state, job_state::waiting);
}

} // namespace
} // namespace penstock::storage
