#include "gateway/queue_policy.hpp"

#include <gtest/gtest.h>

namespace penstock::gateway {
namespace {

using namespace std::chrono_literals;

TEST(queue_policy, FillsInWhatAJobLeavesOpen) {
  const queue_policies policies{{"patient", {.max_attempts = 2, .timeout = 9s, .backoff = backoff_policy::fixed(2h)}},
                                {"short", {.timeout = 3s}}};
  job_record job;
  job.job.queue = "patient";
  job.job.timeout = 5s;
  const auto shown = as_its_queue_runs_it(job, policies);
  EXPECT_EQ(shown.job.max_attempts, 2);
  EXPECT_EQ(shown.job.timeout, 5s) << "its own";
  EXPECT_EQ(shown.job.backoff, backoff_policy::fixed(2h));
  job.job.queue = "short";
  EXPECT_FALSE(as_its_queue_runs_it(job, policies).job.max_attempts) << "its kind says";
  job.job.queue = "other";
  EXPECT_EQ(as_its_queue_runs_it(job, policies).job.timeout, 5s);
}

} // namespace
} // namespace penstock::gateway
