#include "tests/actors/queue_engine_fixture.hpp"

namespace penstock::actors {
namespace {

/// Where other nodes take jobs from the same store.
class queue_engine_claims : public queue_engine_test {
protected:
  /// The store made all durable but the claims of these jobs.
  void acknowledge_without(std::vector<job_id> lost) {
    const auto& call = effects.commits.at(answered++);
    commit_answer answer;
    answer.token = call.token;
    answer.units.resize(call.units.size());
    answer.not_claimed = std::move(lost);
    aut->committed(answer);
  }
};

TEST_F(queue_engine_claims, AClaimNamesTheAttemptsThatItKnows) {
  make();
  auto tried = job(1);
  tried.attempts = 2;
  aut->jobs_ready({tried});
  EXPECT_EQ(effects.commits.at(0).claims.at(0).attempts, std::vector<std::uint16_t>{2});
}

TEST_F(queue_engine_claims, AJobThatAnotherNodeHasIsForgotten) {
  make(1);
  aut->jobs_ready({job(1), job(2)});
  acknowledge_without({job_id{1}});
  EXPECT_TRUE(effects.starts.empty());
  ASSERT_EQ(effects.commits.size(), 2u) << "the slot is free for the next one";
  EXPECT_EQ(effects.commits[1].claims.at(0).jobs, std::vector<job_id>{job_id{2}});
  acknowledge();
  ASSERT_EQ(effects.starts.size(), 1u);
  EXPECT_EQ(effects.starts[0].jobs.at(0).id, job_id{2});
  // It is told again when it is free again.
  finish(0);
  acknowledge();
  aut->jobs_ready({job(1)});
  EXPECT_EQ(effects.commits.back().claims.at(0).jobs, std::vector<job_id>{job_id{1}});
}

TEST_F(queue_engine_claims, OfABatchTheRestIsStarted) {
  make(1);
  aut->jobs_ready({job(9)});
  aut->jobs_ready({job(1, "brief"), job(2, "brief"), job(3, "brief")});
  acknowledge();
  finish(0);
  ASSERT_EQ(effects.commits.back().claims.at(0).jobs.size(), 3u);
  acknowledge_without({job_id{2}});
  ASSERT_EQ(effects.starts.size(), 2u);
  ASSERT_EQ(effects.starts[1].jobs.size(), 2u);
  EXPECT_EQ(effects.starts[1].jobs[0].id, job_id{1});
  EXPECT_EQ(effects.starts[1].jobs[1].id, job_id{3});
}

TEST_F(queue_engine_claims, AfterItsEndASlotWhoseNextJobWasTakenIsFree) {
  make(1);
  aut->jobs_ready({job(1), job(2)});
  acknowledge();
  finish(0);
  acknowledge_without({job_id{2}});
  EXPECT_EQ(effects.starts.size(), 1u);
  EXPECT_TRUE(aut->quiet());
}

TEST_F(queue_engine_claims, ASuspectThatAnotherNodeHasIsDone) {
  make(1);
  aut->run_suspect(job(1));
  acknowledge_without({job_id{1}});
  EXPECT_EQ(effects.suspects_done, std::vector<job_id>{job_id{1}});
  EXPECT_TRUE(aut->quiet());
}

TEST_F(queue_engine_claims, AfterAJobByHandThatAnotherNodeHasAPauseHoldsAgain) {
  make(1);
  aut->pause(true);
  aut->jobs_ready({job(1), job(2)});
  ASSERT_EQ(aut->run_one(), job_id{1});
  acknowledge_without({job_id{1}});
  aut->pause(false);
  ASSERT_EQ(effects.commits.back().claims.at(0).jobs, std::vector<job_id>{job_id{2}});
  aut->pause(true); // before that claim is stored
  acknowledge();
  EXPECT_TRUE(effects.starts.empty());
}

TEST_F(queue_engine_claims, ALookReadsFromTheFront) {
  make(1);
  const auto before = effects.refills.size();
  aut->look_again();
  EXPECT_EQ(effects.refills.size(), before + 1);
}

} // namespace
} // namespace penstock::actors
