#include "core/job_state.hpp"

#include <gtest/gtest.h>

namespace penstock {
namespace {

using namespace std::chrono_literals;
using enum job_state;

constexpr job_state all[] = {waiting, active, awaiting_children, completed, failed, cancelled};

TEST(job_state, MovesAreExactlyTheTable) {
  // Rows: from, columns: to, in the order of the enumeration.
  const char* table[job_state_count] = {
    "yy...y", // waiting: reschedule or postpone, claim, cancel
    "y.yyyy", // active: retry or give back, await children, succeed, fail, cancel
    "...yyy", // awaiting children: last child ended, or cancel
    "......", // completed
    "y.....", // failed: retry by a person
    "......", // cancelled
  };
  for (const auto from : all)
    for (const auto to : all)
      EXPECT_EQ(can_move(from, to), table[static_cast<int>(from)][static_cast<int>(to)] == 'y')
        << to_string(from) << " -> " << to_string(to);
}

TEST(job_state, OnlyEndedStatesAreEnded) {
  for (const auto state : all)
    EXPECT_EQ(is_ended(state), state == completed || state == failed || state == cancelled) << to_string(state);
}

TEST(job_state, NamesAndNumbersAreStable) {
  const char* names[] = {"waiting", "active", "awaiting_children", "completed", "failed", "cancelled"};
  for (int i = 0; i < static_cast<int>(job_state_count); ++i) {
    EXPECT_EQ(to_string(static_cast<job_state>(i)), names[i]);
    EXPECT_EQ(parse_job_state(names[i]), static_cast<job_state>(i));
  }
  EXPECT_EQ(parse_job_state("delayed"), std::nullopt);
  EXPECT_EQ(parse_job_state("Waiting"), std::nullopt);
  EXPECT_EQ(to_string(static_cast<job_state>(99)), "unknown");
}

TEST(job_state, WaitingWithARunAtToComeShowsAsDelayed) {
  const timestamp now{100s};
  EXPECT_EQ(shown_state(waiting, now + 1us, now), "delayed");
  EXPECT_EQ(shown_state(waiting, now, now), "waiting");
  EXPECT_EQ(shown_state(waiting, no_time, now), "waiting");
  EXPECT_EQ(shown_state(active, now + 1h, now), "active");
  EXPECT_EQ(shown_state(failed, now + 1h, now), "failed");
}

} // namespace
} // namespace penstock
