#include "tests/storage/store_conformance.hpp"

#include <gmock/gmock.h>

// Slots that a queue left open: new jobs are claimed for them in the transaction that stores these.
namespace penstock::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class open_slot_store : public store_conformance {
protected:
  static slot_claim open(std::uint16_t slot, std::uint64_t number, std::uint64_t life = 1) {
    slot_claim claim{"default", slot, false, {}};
    claim.leaves_open = number;
    claim.life = life;
    return claim;
  }
  static slot_claim take_back(std::uint16_t slot, std::uint64_t number, std::vector<job_id> jobs = {}) {
    slot_claim claim{"default", slot, false, std::move(jobs)};
    claim.takes_back = number;
    claim.life = 1;
    return claim;
  }
  static unit_of_work unit_with(std::vector<job_request> jobs) {
    unit_of_work unit;
    unit.jobs = std::move(jobs);
    return unit;
  }
  group_result store(std::vector<unit_of_work> units, std::vector<slot_claim> claims) {
    std::vector<write_batch> batches(1);
    batches[0].units = std::move(units);
    batches[0].claims = std::move(claims);
    return writer->commit(batches);
  }
  group_result store_jobs(std::size_t count, std::vector<slot_claim> claims = {}, std::uint8_t priority = 5) {
    std::vector<job_request> jobs(count, request("probe.task"));
    for (auto& each : jobs)
      each.priority = priority;
    std::vector<unit_of_work> units;
    units.push_back(unit_with(std::move(jobs)));
    return store(std::move(units), std::move(claims));
  }
  std::vector<job_id> suspects_after_a_crash() {
    if (!db->single_session())
      reopen();
    std::vector<job_id> found;
    const auto report = writer->recover();
    for (const auto& each : report->suspects)
      found.push_back(each.id);
    return found;
  }
};
PENSTOCK_ON_EVERY_STORE(open_slot_store);

TEST_P(open_slot_store, ANewJobIsClaimedForAnOpenSlotByTheCommitThatStoresIt) {
  EXPECT_THAT(store({}, {open(2, 11)}).news.gifts, IsEmpty());
  auto wanted = request("probe.task");
  wanted.args = R"({"n":1})";
  wanted.trace_id = "trace";
  std::vector<unit_of_work> units;
  units.push_back(unit_with({wanted}));
  const auto done = store(std::move(units), {});
  EXPECT_THAT(done.news.ready, IsEmpty()) << "nobody else is to start it";
  ASSERT_EQ(done.news.gifts.size(), 1u);
  const auto& claim = done.news.gifts[0];
  EXPECT_EQ(claim.queue, "default");
  EXPECT_EQ(claim.slot, 2);
  EXPECT_EQ(claim.left_open_as, 11u);
  ASSERT_EQ(claim.jobs.size(), 1u);
  const auto id = done.batches[0].units[0].jobs[0].id;
  EXPECT_EQ(claim.jobs[0].id, id);
  EXPECT_EQ(claim.jobs[0].kind, "probe.task");
  EXPECT_EQ(claim.jobs[0].args, R"({"n":1})");
  EXPECT_EQ(claim.jobs[0].trace_id, "trace");
  EXPECT_EQ(job(id).state, job_state::active);
  EXPECT_THAT(suspects_after_a_crash(), ElementsAre(id));
}

TEST_P(open_slot_store, ItsEndIsStoredAndLeavesTheSlotOpenForAFollowUpOfTheSameCommit) {
  (void)store({}, {open(0, 1)});
  const auto first = store_jobs(1).news.gifts.at(0).jobs.at(0);
  unit_of_work ending = unit_with({request("probe.task")});
  ending.ends.emplace();
  ending.ends->job = first.id;
  ending.ends->queue = "default";
  ending.ends->run_at = first.run_at;
  ending.ends->priority = first.priority;
  ending.ends->finished_at = ending.ends->started_at = clock.now();
  std::vector<unit_of_work> units;
  units.push_back(std::move(ending));
  const auto done = store(std::move(units), {open(0, 2)});
  ASSERT_EQ(done.news.gifts.size(), 1u);
  EXPECT_EQ(done.news.gifts[0].left_open_as, 2u);
  EXPECT_EQ(job(first.id).state, job_state::completed);
  const auto second = done.news.gifts[0].jobs.at(0).id;
  EXPECT_EQ(job(second).state, job_state::active);
  EXPECT_THAT(suspects_after_a_crash(), ElementsAre(second));
}

TEST_P(open_slot_store, ASlotIsGivenOnceAndTheRestIsReady) {
  (void)store({}, {open(0, 1), open(1, 2)});
  const auto done = store_jobs(3);
  EXPECT_EQ(done.news.gifts.size(), 2u);
  EXPECT_EQ(done.news.ready.size(), 1u);
  EXPECT_THAT(store_jobs(1).news.gifts, IsEmpty());
}

TEST_P(open_slot_store, JobsThatMustWaitAreNotGiven) {
  (void)store({}, {open(0, 1)});
  auto later = request("probe.task");
  later.run_at = clock.now() + std::chrono::hours(1);
  auto grouped = request("probe.task");
  grouped.group_key = "1/credential";
  auto elsewhere = request("probe.task", "other");
  std::vector<unit_of_work> units;
  units.push_back(unit_with({later, grouped, elsewhere}));
  const auto done = store(std::move(units), {});
  EXPECT_THAT(done.news.gifts, IsEmpty());
  EXPECT_EQ(done.news.ready.size(), 3u);
}

TEST_P(open_slot_store, OfOneCommitTheMostUrgentJobIsGiven) {
  (void)store({}, {open(0, 1)});
  auto urgent = request("probe.task");
  urgent.priority = 0;
  std::vector<unit_of_work> units;
  units.push_back(unit_with({request("probe.task"), urgent, request("probe.task")}));
  const auto done = store(std::move(units), {});
  ASSERT_EQ(done.news.gifts.size(), 1u);
  EXPECT_EQ(done.news.gifts[0].jobs.at(0).priority, 0);
  EXPECT_EQ(done.news.ready.size(), 2u);
}

TEST_P(open_slot_store, AJobThatTheSameCommitCancelsIsNotGiven) {
  const auto parent = enqueue("probe.task", "other");
  (void)store({}, {open(0, 1)});
  auto child = request("probe.task");
  child.parent = parent;
  std::vector<unit_of_work> units;
  units.push_back(unit_with({child}));
  unit_of_work stop;
  stop.changes.push_back(cancel_job{parent, "not wanted"});
  units.push_back(std::move(stop));
  const auto done = store(std::move(units), {});
  EXPECT_FALSE(done.batches[0].units[1].refused) << done.batches[0].units[1].refused->message;
  EXPECT_EQ(job(done.batches[0].units[0].jobs.at(0).id).state, job_state::cancelled);
  EXPECT_THAT(done.news.gifts, IsEmpty());
}

TEST_P(open_slot_store, AQueueTakesAnOpenSlotBack) {
  (void)store({}, {open(0, 1)});
  const auto id = enqueue("probe.task", "other");
  (void)store({}, {take_back(0, 1)});
  EXPECT_THAT(store_jobs(1).news.gifts, IsEmpty());
  EXPECT_EQ(job(id).state, job_state::waiting);
}

TEST_P(open_slot_store, AClaimThatTakesBackWhatWasGivenIsVoid) {
  const auto old = enqueue("probe.task");
  (void)store({}, {open(0, 1)});
  const auto given = store_jobs(1).news.gifts.at(0).jobs.at(0).id;
  (void)store({}, {take_back(0, 1, {old})});
  EXPECT_EQ(job(given).state, job_state::active);
  EXPECT_EQ(job(old).state, job_state::waiting);
  EXPECT_THAT(suspects_after_a_crash(), ElementsAre(given));
}

TEST_P(open_slot_store, WhatAQueueThatDiedLeftOpenIsClosedByTheFirstClaimOfTheNext) {
  (void)store({}, {open(0, 1), open(1, 2)});
  const auto id = enqueue("probe.task", "other");
  slot_claim claim{"default", 1, false, {id}};
  claim.life = 2;
  (void)store({}, {claim});
  (void)store({}, {open(0, 9, 1)}); // of the dead one, on its way until now
  EXPECT_THAT(store_jobs(1).news.gifts, IsEmpty());
  EXPECT_EQ(job(id).state, job_state::active);
}

TEST_P(open_slot_store, BriefJobsShareTheOpenSlots) {
  job_kind brief;
  brief.name = "probe.brief";
  brief.brief = true;
  kinds.add(brief);
  (void)store({}, {open(0, 1), open(1, 2)});
  std::vector<unit_of_work> units;
  units.push_back(unit_with(std::vector<job_request>(9, request("probe.brief", "default"))));
  const auto done = store(std::move(units), {});
  ASSERT_EQ(done.news.gifts.size(), 2u);
  EXPECT_EQ(done.news.gifts[0].jobs.size(), 5u);
  EXPECT_EQ(done.news.gifts[1].jobs.size(), 4u);
  EXPECT_LT(done.news.gifts[0].jobs.back().id, done.news.gifts[1].jobs.front().id);
  EXPECT_THAT(done.news.ready, IsEmpty());
}

TEST_P(open_slot_store, AClaimThatComesAgainDoesNotOpenWhatWasGivenMeanwhile) {
  (void)store({}, {open(0, 1)});
  const auto given = store_jobs(1).news.gifts.at(0).jobs.at(0).id;
  (void)store({}, {open(0, 1)});
  EXPECT_EQ(job(given).state, job_state::active);
  EXPECT_THAT(store_jobs(1).news.gifts, IsEmpty());
}

TEST_P(open_slot_store, ALateClaimOfAQueueThatDiedLeavesTheNextOnesJobInItsSlot) {
  const auto late = enqueue("probe.task");
  const auto runs = enqueue("probe.task");
  slot_claim of_second{"default", 0, false, {runs}};
  of_second.life = 2;
  (void)store({}, {of_second});
  slot_claim of_first{"default", 0, false, {late}};
  of_first.life = 1;
  (void)store({}, {of_first});
  EXPECT_EQ(job(runs).state, job_state::active);
  EXPECT_EQ(job(late).state, job_state::waiting);
}

TEST_P(open_slot_store, NothingIsGivenToTheSlotsOfAQueueThatIsGone) {
  (void)store({}, {open(0, 1), open(1, 2)});
  writer->close_slots_of("default");
  EXPECT_THAT(store_jobs(1).news.gifts, IsEmpty());
}

} // namespace
} // namespace penstock::storage
