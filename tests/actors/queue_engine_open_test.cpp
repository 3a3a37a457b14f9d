#include <gmock/gmock.h>

#include "tests/actors/queue_engine_fixture.hpp"

// Slots that are left open for new jobs, which the store gives to them.
namespace penstock::actors {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class queue_engine_open : public queue_engine_test {
protected:
  /// A queue of two slots, both of which it left open, as the store has answered.
  void SetUp() override {
    leaves_slots_open = true;
    make(2);
    acknowledge();
    acknowledge();
  }
  std::uint64_t number_of(std::uint16_t slot) {
    std::uint64_t number = 0;
    for (const auto& commit : effects.commits)
      for (const auto& claim : commit.claims)
        if (claim.slot == slot && claim.leaves_open != 0)
          number = claim.leaves_open;
    return number;
  }
  void give(std::uint16_t slot, std::vector<ready_job> jobs) {
    aut->given({"default", slot, number_of(slot), std::move(jobs)});
  }
  const slot_claim& last_claim() { return effects.commits.back().claims.at(0); }
  std::vector<job_id> started(std::size_t index) {
    std::vector<job_id> ids;
    for (const auto& job : effects.starts.at(index).jobs)
      ids.push_back(job.id);
    return ids;
  }
};

TEST_F(queue_engine_open, SlotsThatNothingWaitsForAreLeftOpenOnce) {
  ASSERT_EQ(effects.commits.size(), 2u);
  EXPECT_NE(number_of(0), 0u);
  EXPECT_NE(number_of(1), 0u);
  EXPECT_NE(number_of(0), number_of(1));
  for (const auto& commit : effects.commits)
    EXPECT_THAT(commit.claims.at(0).jobs, IsEmpty());
  aut->wake();
  EXPECT_EQ(effects.commits.size(), 2u);
}

TEST_F(queue_engine_open, WhatTheStoreGaveStartsWithoutAnotherCommitAndItsEndLeavesTheSlotOpenAgain) {
  const auto before = number_of(1);
  give(1, {job(7)});
  ASSERT_EQ(effects.starts.size(), 1u);
  EXPECT_THAT(started(0), ElementsAre(job_id{7}));
  EXPECT_EQ(effects.starts[0].turn.slot, 1);
  ASSERT_EQ(effects.commits.size(), 2u);
  finish(0);
  ASSERT_EQ(effects.commits.size(), 3u);
  EXPECT_TRUE(end_of(2).outcome == attempt_outcome::succeeded);
  EXPECT_GT(last_claim().leaves_open, before);
  EXPECT_EQ(last_claim().takes_back, 0u);
  acknowledge();
  EXPECT_EQ(effects.commits.size(), 3u) << "it is open already";
  give(1, {job(8), job(9)});
  EXPECT_THAT(started(1), ElementsAre(job_id{8}, job_id{9}));
}

TEST_F(queue_engine_open, AJobThatIsNotNewTakesTheSlotBack) {
  aut->jobs_ready({job(3)});
  ASSERT_EQ(effects.commits.size(), 3u);
  EXPECT_THAT(last_claim().jobs, ElementsAre(job_id{3}));
  EXPECT_EQ(last_claim().takes_back, number_of(last_claim().slot));
  EXPECT_EQ(last_claim().leaves_open, 0u);
  acknowledge();
  ASSERT_EQ(effects.starts.size(), 1u);
}

TEST_F(queue_engine_open, WhereTheStoreWasQuickerTheClaimIsVoidAndItsJobTakesAnotherSlot) {
  aut->jobs_ready({job(3)});
  const auto slot = last_claim().slot;
  give(slot, {job(4)});
  ASSERT_EQ(effects.starts.size(), 1u);
  EXPECT_THAT(started(0), ElementsAre(job_id{4}));
  ASSERT_EQ(effects.commits.size(), 4u) << "the other slot is taken back for it";
  EXPECT_NE(last_claim().slot, slot);
  EXPECT_THAT(last_claim().jobs, ElementsAre(job_id{3}));
  acknowledge(); // of the void one
  EXPECT_EQ(effects.starts.size(), 1u);
  acknowledge();
  ASSERT_EQ(effects.starts.size(), 2u);
  EXPECT_THAT(started(1), ElementsAre(job_id{3}));
}

TEST_F(queue_engine_open, AVoidClaimThatTheDatabaseDidNotTakeIsNotAskedForAgain) {
  aut->jobs_ready({job(3), job(5)});
  ASSERT_EQ(effects.commits.size(), 4u);
  const auto slot = effects.commits[2].claims.at(0).slot;
  commit_answer failed;
  failed.token = effects.commits[2].token;
  failed.failed = error{error_code::storage_busy, "busy"};
  failed.returned_claims = effects.commits[2].claims;
  aut->committed(failed);
  give(slot, {job(4)});
  EXPECT_THAT(started(0), ElementsAre(job_id{4}));
  clock.advance(std::chrono::seconds(1));
  aut->wake();
  ASSERT_EQ(effects.commits.size(), 5u);
  EXPECT_THAT(effects.commits[4].claims, IsEmpty());
}

TEST_F(queue_engine_open, WhatIsGivenBeforeTheSlotsEndIsAnsweredStartsThen) {
  give(0, {job(1)});
  finish(0);
  give(0, {job(2)});
  EXPECT_EQ(effects.starts.size(), 1u) << "the end of the first is not stored yet";
  acknowledge();
  ASSERT_EQ(effects.starts.size(), 2u);
  EXPECT_THAT(started(1), ElementsAre(job_id{2}));
}

TEST_F(queue_engine_open, WhatWaitsForASlotIsNotLeftToTheStore) {
  give(0, {job(1)});
  give(1, {job(2)});
  aut->jobs_ready({job(3), job(4)});
  finish(0);
  EXPECT_THAT(last_claim().jobs, ElementsAre(job_id{3}));
  EXPECT_EQ(last_claim().leaves_open, 0u);
}

TEST_F(queue_engine_open, APausedQueueTakesItsSlotsBackAndOpensThemAgain) {
  aut->pause(true);
  ASSERT_EQ(effects.commits.size(), 4u);
  EXPECT_NE(last_claim().takes_back, 0u);
  EXPECT_THAT(last_claim().jobs, IsEmpty());
  acknowledge();
  acknowledge();
  EXPECT_TRUE(aut->quiet());
  aut->pause(false);
  ASSERT_EQ(effects.commits.size(), 6u);
  EXPECT_NE(last_claim().leaves_open, 0u);
}

TEST_F(queue_engine_open, WhatIsGivenToAPausedQueueWaitsAgain) {
  aut->pause(true);
  give(0, {job(1)});
  EXPECT_THAT(effects.starts, IsEmpty());
  while (answered < effects.commits.size())
    acknowledge();
  EXPECT_TRUE(aut->quiet());
  aut->pause(false);
  const auto& commits = effects.commits;
  EXPECT_TRUE(std::any_of(commits.begin() + 2, commits.end(), [](const auto& commit) {
    return !commit.claims.empty() && commit.claims[0].jobs == std::vector<job_id>{job_id{1}};
  }));
}

TEST_F(queue_engine_open, ADrainEndsWhenTheSlotsAreTakenBack) {
  aut->drain();
  EXPECT_FALSE(aut->quiet()) << "the store may have given them away";
  acknowledge();
  acknowledge();
  EXPECT_TRUE(aut->quiet());
}

TEST_F(queue_engine_open, ADrainDoesNotWaitForADatabaseThatTakesNothing) {
  aut->drain();
  for (const auto at : {2, 3}) {
    commit_answer failed;
    failed.token = effects.commits[at].token;
    failed.failed = error{error_code::storage_full, "full"};
    failed.returned_claims = effects.commits[at].claims;
    aut->committed(failed);
  }
  EXPECT_TRUE(aut->quiet());
}

TEST_F(queue_engine_open, SlotsThatAreBeingTakenBackWhenTheQueueGoesOnAreOpenedAgain) {
  aut->pause(true);
  aut->pause(false);
  acknowledge();
  acknowledge();
  ASSERT_EQ(effects.commits.size(), 6u);
  for (const auto at : {4, 5})
    EXPECT_NE(effects.commits[at].claims.at(0).leaves_open, 0u);
}

TEST_F(queue_engine_open, AHeldOrClosedQueueTakesItsSlotsBack) {
  aut->hold(true);
  EXPECT_EQ(effects.commits.size(), 4u);
  acknowledge();
  acknowledge();
  aut->hold(false);
  acknowledge();
  acknowledge();
  aut->close(true);
  EXPECT_NE(last_claim().takes_back, 0u);
}

TEST_F(queue_engine_open, AJobThatAPersonStartsWhereTheStoreWasQuickerTakesAnotherSlotPauseOrNot) {
  auto later = job(3);
  later.run_at = clock.now() + std::chrono::seconds(1);
  aut->jobs_ready({later});
  clock.advance(std::chrono::seconds(2)); // due, and nobody has woken the queue
  ASSERT_EQ(aut->run_one(), job_id{3});
  const auto slot = last_claim().slot;
  give(slot, {job(4)});
  EXPECT_THAT(started(0), ElementsAre(job_id{4}));
  EXPECT_THAT(last_claim().jobs, ElementsAre(job_id{3}));
  EXPECT_NE(last_claim().slot, slot);
  aut->pause(true);
  while (answered < effects.commits.size())
    acknowledge();
  ASSERT_EQ(effects.starts.size(), 2u);
  EXPECT_THAT(started(1), ElementsAre(job_id{3}));
}

TEST_F(queue_engine_open, WhatIsGivenInPlaceOfAJobThatAPersonStartedDoesNotPassThePause) {
  auto later = job(3);
  later.run_at = clock.now() + std::chrono::seconds(1);
  aut->jobs_ready({later});
  clock.advance(std::chrono::seconds(2));
  ASSERT_EQ(aut->run_one(), job_id{3});
  const auto slot = last_claim().slot;
  aut->pause(true);
  give(slot, {job(4)});
  while (answered < effects.commits.size())
    acknowledge();
  for (std::size_t i = 0; i < effects.starts.size(); ++i)
    EXPECT_THAT(started(i), ElementsAre(job_id{3}));
}

TEST_F(queue_engine_open, AJobWhoseCancelTheStoreRefusesIsLookedFor) {
  aut->jobs_ready({job(3)});
  const auto slot = last_claim().slot;
  aut->cancel(job_id{3}, "not wanted");
  give(slot, {job(4)});
  acknowledge(); // the void claim
  const auto refills = effects.refills.size();
  refuse(error{error_code::conflict, "active"});
  EXPECT_EQ(effects.refills.size(), refills + 1);
}

TEST_F(queue_engine_open, AJobThatWasCancelledBeforeItIsGivenToAPausedQueueEndsInSpiteOfThePause) {
  aut->pause(true);
  aut->cancel(job_id{1}, "not wanted");
  give(0, {job(1)});
  EXPECT_THAT(effects.starts, IsEmpty());
  EXPECT_EQ(effects.commits.back().units.at(0).ends->outcome, attempt_outcome::cancelled);
  while (answered < effects.commits.size())
    acknowledge();
  EXPECT_TRUE(aut->quiet());
}

TEST_F(queue_engine_open, TwoGiftsThatCrossTwoClaimsAndACancelRunOneJobAndEndTheOther) {
  const auto a = job(1), j = job(2);
  aut->look_again();
  aut->refilled({a, j}, false, no_time); // both were given, and read before the queue heard of it
  ASSERT_EQ(effects.commits.size(), 4u);
  ASSERT_EQ(effects.commits[2].claims[0].jobs, std::vector<job_id>{a.id});
  ASSERT_EQ(effects.commits[2].claims[0].slot, 1);
  aut->cancel(j.id, "not wanted");
  const auto of_first = number_of(0), of_second = number_of(1);
  aut->given({"default", 0, of_first, {a}});
  aut->given({"default", 1, of_second, {j}});
  for (; answered < effects.commits.size();) {
    const auto& commit = effects.commits[answered];
    const bool cancels = !commit.units.empty() && !commit.units[0].changes.empty();
    if (cancels)
      refuse(error{error_code::conflict, "active"});
    else
      acknowledge();
  }
  for (const auto& each : effects.starts)
    for (const auto& started : each.jobs)
      EXPECT_EQ(started.id, a.id);
  EXPECT_LE(effects.starts.size(), 1u);
  EXPECT_EQ(std::count_if(effects.commits.begin(), effects.commits.end(),
                          [](const auto& commit) {
                            return !commit.units.empty() && commit.units[0].ends &&
                                   commit.units[0].ends->outcome == attempt_outcome::cancelled;
                          }),
            1);
}

TEST_F(queue_engine_open, ASuspectWaitsUntilNoSlotIsOpen) {
  aut->hold(true);
  aut->run_suspect(job(6));
  ASSERT_EQ(effects.commits.size(), 4u);
  EXPECT_THAT(effects.commits[2].claims.at(0).jobs, IsEmpty());
  give(1, {job(2)}); // the store was quicker
  acknowledge();
  acknowledge();
  ASSERT_EQ(effects.starts.size(), 1u);
  finish(0);
  acknowledge();
  EXPECT_THAT(last_claim().jobs, ElementsAre(job_id{6}));
  EXPECT_TRUE(last_claim().alone);
}

TEST_F(queue_engine_open, WhatWasGivenToAnEarlierLifeWaits) {
  aut->given({"default", 0, 999, {job(5)}});
  EXPECT_THAT(effects.starts, IsEmpty());
  EXPECT_THAT(last_claim().jobs, ElementsAre(job_id{5}));
}

TEST_F(queue_engine_open, AJobThatWasReadFromTheStoreBeforeTheQueueHeardThatItWasGivenRunsOnce) {
  for (const std::uint16_t given_to : {0, 1}) {
    const auto before = effects.starts.size();
    aut->look_again();
    aut->refilled({job(40 + given_to)}, false, no_time);
    ASSERT_EQ(last_claim().slot, 1);
    give(given_to, {job(40 + given_to)});
    while (answered < effects.commits.size())
      acknowledge();
    ASSERT_EQ(effects.starts.size(), before + 1);
    EXPECT_EQ(effects.starts[before].turn.slot, 1);
    finish(before);
    acknowledge();
    while (answered < effects.commits.size())
      acknowledge();
  }
}

TEST_F(queue_engine_open, SuchAJobIsCancelledBeforeItStarts) {
  aut->look_again();
  aut->refilled({job(4)}, false, no_time);
  aut->cancel(job_id{4}, "not wanted");
  give(last_claim().slot, {job(4)});
  EXPECT_THAT(effects.starts, IsEmpty());
  EXPECT_EQ(effects.commits.back().units.at(0).ends->outcome, attempt_outcome::cancelled);
}

TEST_F(queue_engine_open, AJobThatIsCancelledAfterItWasGivenToAPausedQueueIsCancelledWhereItWaits) {
  aut->pause(true);
  give(0, {job(1)});
  aut->cancel(job_id{1}, "not wanted"); // the store says that it runs until the slot's record is written
  while (answered < effects.commits.size())
    acknowledge();
  const auto& commits = effects.commits;
  EXPECT_TRUE(std::any_of(commits.begin(), commits.end(), [](const auto& commit) {
    return !commit.units.empty() && !commit.units[0].changes.empty() &&
           std::get<cancel_job>(commit.units[0].changes[0]).id == job_id{1};
  }));
  EXPECT_TRUE(aut->quiet());
}

TEST_F(queue_engine_open, AJobThatWasCancelledBeforeTheQueueHeardOfItDoesNotStart) {
  aut->cancel(job_id{4}, "not wanted");
  give(0, {job(4)});
  EXPECT_THAT(effects.starts, IsEmpty());
  ASSERT_EQ(effects.commits.size(), 3u);
  EXPECT_EQ(end_of(2).outcome, attempt_outcome::cancelled);
}

TEST_F(queue_engine_open, AJobThatIsCancelledWhileItsClaimIsVoidIsCancelledWhereItWaits) {
  aut->jobs_ready({job(3)});
  const auto slot = last_claim().slot;
  aut->cancel(job_id{3}, "not wanted");
  give(slot, {job(4)});
  const auto& commits = effects.commits;
  const auto found = std::find_if(commits.begin(), commits.end(), [](const auto& commit) {
    return !commit.units.empty() && !commit.units[0].changes.empty();
  });
  ASSERT_NE(found, commits.end());
  EXPECT_EQ(std::get<cancel_job>(found->units[0].changes[0]).id, job_id{3});
  EXPECT_THAT(started(0), ElementsAre(job_id{4}));
  EXPECT_EQ(effects.starts.size(), 1u);
}

TEST_F(queue_engine_open, NothingIsLeftOpenWhileTheStoreMayHoldOlderJobs) {
  aut->look_again(); // a refill is under way
  give(0, {job(1)});
  finish(0);
  EXPECT_EQ(last_claim().leaves_open, 0u);
  acknowledge();
  aut->refilled({}, false, no_time);
  EXPECT_NE(last_claim().leaves_open, 0u);
}

TEST_F(queue_engine_open, AnEndWhoseClaimTheDatabaseDidNotTakeIsFollowedByAnotherOffer) {
  give(0, {job(1)});
  finish(0);
  commit_answer answer;
  answer.token = effects.commits.back().token;
  answer.units.resize(1);
  answer.claims_failed = error{error_code::storage_busy, "busy"};
  const auto lost = last_claim().leaves_open;
  aut->committed(answer);
  EXPECT_EQ(last_claim().slot, 0);
  EXPECT_GT(last_claim().leaves_open, lost);
}

TEST_F(queue_engine_test, AQueueWithALimitLeavesNothingOpen) {
  queue_rules rules;
  rules.name = "default";
  rules.leaves_slots_open = true;
  rules.limit = token_rate{10, 10, std::chrono::seconds(1)};
  aut.emplace(rules, kinds, clock, random, effects);
  aut->jobs_ready({});
  aut->refilled({}, false, no_time);
  EXPECT_THAT(effects.commits, IsEmpty());
}

} // namespace
} // namespace penstock::actors
