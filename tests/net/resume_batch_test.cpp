#include "net/resume_batch.hpp"

#include <string>

#include <boost/asio/executor_work_guard.hpp>
#include <gtest/gtest.h>

#include "net/strand.hpp"

namespace penstock::net {
namespace {

class resume_batches : public ::testing::Test {
protected:
  void resume(const asio::any_io_executor& on, char what) {
    resume_batch::post(on, [this, what] { ran += what; });
  }

  asio::io_context context;
  const asio::executor_work_guard<asio::io_context::executor_type> open{context.get_executor()};
  asio::any_io_executor one = make_strand_on(context.get_executor()), other = make_strand_on(context.get_executor());
  std::string ran;
};

TEST_F(resume_batches, RunTogetherAndInOrderOnceTheBatchIsOver) {
  {
    resume_batch batch;
    resume(one, 'a');
    resume(other, 'b');
    resume(one, 'c');
    EXPECT_EQ(context.poll(), 0u);
  }
  EXPECT_EQ(context.poll(), 1u) << "one piece of work for the network, whatever the number of strands";
  EXPECT_EQ(ran, "abc");
}

TEST_F(resume_batches, OfABatchInABatchTheOuterOneCounts) {
  {
    resume_batch batch;
    {
      resume_batch inner;
      resume(one, 'a');
    }
    EXPECT_EQ(context.poll(), 0u);
    resume(one, 'b');
  }
  context.poll();
  EXPECT_EQ(ran, "ab");
}

TEST_F(resume_batches, ManyAreSharedAmongTheThreads) {
  {
    resume_batch batch;
    for (int i = 0; i < 40; ++i)
      resume(one, 'x');
  }
  EXPECT_EQ(context.poll(), 3u);
  EXPECT_EQ(ran.size(), 40u);
}

TEST_F(resume_batches, EachContextGetsItsOwn) {
  asio::io_context second;
  {
    resume_batch batch;
    resume(one, 'a');
    resume(make_strand_on(second.get_executor()), 'b');
    resume(other, 'c');
  }
  context.poll();
  EXPECT_EQ(ran, "ac");
  second.poll();
  EXPECT_EQ(ran, "acb");
}

TEST_F(resume_batches, WithoutABatchOrAStrandItIsPostedAtOnce) {
  resume(one, 'a');
  EXPECT_EQ(ran, "") << "never before the call returns";
  EXPECT_EQ(context.poll(), 1u);
  {
    resume_batch batch;
    resume(context.get_executor(), 'b');
    EXPECT_EQ(context.poll(), 1u);
  }
  EXPECT_EQ(ran, "ab");
}

TEST_F(resume_batches, WhatIsMadeReadyByTheBatchItselfWaitsForNoSecondOne) {
  {
    resume_batch batch;
    resume_batch::post(one, [this] {
      resume(one, 'b');
      ran += 'a';
    });
  }
  context.poll();
  EXPECT_EQ(ran, "ab");
}

} // namespace
} // namespace penstock::net
