#include "tests/storage/store_conformance.hpp"

#include <gmock/gmock.h>

// Slots: which jobs run, and what a start makes of those that ran when the last process died.
namespace penstock::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class slot_store : public store_conformance {
protected:
  /// A crash: what was claimed stays claimed. In memory the same session recovers again.
  recovery_report crash() {
    if (!db->single_session())
      reopen();
    auto report = writer->recover();
    EXPECT_TRUE(report);
    return report ? *report : recovery_report{};
  }
  static std::vector<job_id> suspects(const recovery_report& report) {
    std::vector<job_id> found;
    for (const auto& each : report.suspects)
      found.push_back(each.id);
    return found;
  }
};
PENSTOCK_ON_EVERY_STORE(slot_store);

TEST_P(slot_store, AClaimedJobIsActive) {
  const auto id = enqueue("probe.task");
  const auto other = enqueue("probe.task");
  claim("default", 0, {id});
  EXPECT_EQ(job(id).state, job_state::active);
  EXPECT_EQ(job(other).state, job_state::waiting);
  EXPECT_EQ(summary("default").active, 1);
  EXPECT_EQ(summary("default").waiting, 1);
  EXPECT_EQ(jobs().list({.state = job_state::active}, {})->items.size(), 1u);
  EXPECT_EQ(jobs().list({.state = job_state::waiting}, {})->items.size(), 1u);
}

TEST_P(slot_store, AClaimReplacesTheSlotsFormerJobs) {
  const auto first = enqueue("probe.task");
  const auto second = enqueue("probe.task");
  claim("default", 0, {first});
  end(first, attempt_outcome::succeeded);
  EXPECT_EQ(summary("default").active, 0);
  claim("default", 0, {second});
  EXPECT_EQ(summary("default").active, 1);
  EXPECT_EQ(job(second).state, job_state::active);
  claim("default", 0, {});
  EXPECT_EQ(job(second).state, job_state::waiting);
  EXPECT_EQ(summary("default").active, 0);
}

TEST_P(slot_store, HeldJobsStayInTheWindowForTheQueueToFilter) {
  const auto id = enqueue("probe.task");
  claim("default", 0, {id});
  EXPECT_THAT(ready_ids("default"), ElementsAre(id));
}

TEST_P(slot_store, JobsThatRanWhenTheProcessDiedAreSuspects) {
  const auto one = enqueue("probe.task");
  const auto two = enqueue("probe.task");
  const auto waiting = enqueue("probe.task");
  const auto done = enqueue("probe.task");
  claim("default", 0, {one, two});
  claim("default", 1, {done});
  end(done, attempt_outcome::succeeded);
  const auto report = crash();
  EXPECT_THAT(suspects(report), UnorderedElementsAre(one, two));
  EXPECT_THAT(report.crashed, IsEmpty());
  EXPECT_THAT(report.queues, ElementsAre("default"));
  for (const auto id : {one, two}) {
    EXPECT_EQ(job(id).state, job_state::waiting);
    EXPECT_EQ(job(id).job.attempts, 0) << "at no cost";
  }
  EXPECT_EQ(summary("default").active, 0);
  EXPECT_THAT(ready_ids("default"), UnorderedElementsAre(one, two, waiting));
}

TEST_P(slot_store, NothingIsSuspectAfterAQuietEnd) {
  const auto id = enqueue("probe.task");
  claim("default", 0, {id});
  claim("default", 0, {});
  EXPECT_THAT(suspects(crash()), IsEmpty());
}

TEST_P(slot_store, ThreeDeathsAloneAreEnough) {
  const auto id = enqueue("probe.task");
  claim("default", 0, {id}, true);
  EXPECT_THAT(suspects(crash()), ElementsAre(id));
  claim("default", 0, {id}, true);
  EXPECT_THAT(suspects(crash()), ElementsAre(id));
  claim("default", 0, {id}, true);
  const auto report = crash();
  EXPECT_THAT(report.crashed, ElementsAre(id));
  EXPECT_THAT(suspects(report), IsEmpty());
  const auto failed = job(id);
  EXPECT_EQ(failed.state, job_state::failed);
  ASSERT_FALSE(failed.errors.empty());
  EXPECT_EQ(failed.errors.back().code, error_code::crashed);
}

TEST_P(slot_store, DeathsInCompanyDoNotCount) {
  const auto id = enqueue("probe.task");
  const auto neighbour = enqueue("probe.task");
  for (int i = 0; i < 5; ++i) {
    claim("default", 0, {id});
    claim("default", 1, {neighbour});
    const auto report = crash();
    EXPECT_THAT(report.crashed, IsEmpty());
    EXPECT_THAT(suspects(report), UnorderedElementsAre(id, neighbour));
  }
}

TEST_P(slot_store, ASuspectThatHadItsTurnIsForgotten) {
  const auto id = enqueue("probe.task");
  claim("default", 0, {id}, true);
  crash();
  claim("default", 0, {id}, true);
  crash();
  apply(clear_suspect{id});
  claim("default", 0, {id}, true);
  EXPECT_THAT(crash().crashed, IsEmpty()) << "it starts from none";
}

TEST_P(slot_store, WhatWasCommittedOutlivesTheProcess) {
  const auto integration = add_probe();
  const auto id = enqueue("probe.task");
  apply(pause_queue{"other", true});
  if (db->single_session())
    return; // memory ends with its process
  reopen();
  const auto report = writer->recover();
  ASSERT_TRUE(report);
  EXPECT_THAT(report->queues, UnorderedElementsAre("default", "other"));
  EXPECT_EQ(job(id).state, job_state::waiting);
  EXPECT_TRUE(integrations().find(integration));
  EXPECT_TRUE(summary("other").paused);
  const auto next = enqueue("probe.task");
  EXPECT_GT(next, id);
}

} // namespace
} // namespace penstock::storage
