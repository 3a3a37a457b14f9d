#include "gateway/answer_watch.hpp"

#include <optional>

#include <gtest/gtest.h>

namespace penstock::gateway {
namespace {

struct asked {
  std::optional<result<int>> outcome;
  int answers = 0;
  std::shared_ptr<watched_answer<int>> waiting = std::make_shared<watched_answer<int>>([this](result<int> given) {
    outcome = std::move(given);
    ++answers;
  });
};

TEST(answer_watch, FirstAnswerCounts) {
  asked question;
  question.waiting->give(7);
  question.waiting->give(8);
  question.waiting->expire();
  EXPECT_EQ(question.answers, 1);
  EXPECT_EQ(question.outcome->value(), 7);
  EXPECT_TRUE(question.waiting->given());
}

TEST(answer_watch, EndsWhatWaitsTooLong) {
  answer_watch watch(3);
  asked question;
  watch.add(question.waiting);
  watch.tick();
  watch.tick();
  EXPECT_EQ(question.answers, 0);
  watch.tick();
  ASSERT_EQ(question.answers, 1);
  EXPECT_EQ(question.outcome->error().code, error_code::unavailable);
  question.waiting->give(1);
  EXPECT_EQ(question.answers, 1) << "a late answer is for nobody";
}

TEST(answer_watch, DoesNotKeepAQuestionAlive) {
  answer_watch watch(3);
  asked question;
  watch.add(question.waiting);
  question.waiting.reset(); // whoever was asked dropped it: its asker is woken by that
  watch.tick();
  EXPECT_EQ(watch.size(), 0u);
}

TEST(answer_watch, ForgetsWhatWasAnswered) {
  answer_watch watch(1000);
  for (int i = 0; i < 100; ++i) {
    asked question;
    watch.add(question.waiting);
  }
  EXPECT_LE(watch.size(), 1u);
}

} // namespace
} // namespace penstock::gateway
