#include "core/run_state.hpp"

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(run_state, NamesAndNumbersAreStable) {
  const char* names[] = {"running", "completed", "completed_with_failures", "failed", "cancelled"};
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(to_string(static_cast<run_state>(i)), names[i]);
    EXPECT_EQ(parse_run_state(names[i]), static_cast<run_state>(i));
  }
  EXPECT_EQ(parse_run_state("ended"), std::nullopt);
  EXPECT_EQ(to_string(static_cast<run_state>(5)), "unknown");
}

TEST(run_state, EndsAsItsRootAndChildrenSay) {
  const struct {
    job_state root;
    children_counts children;
    run_state expected;
  } rows[] = {
    {job_state::waiting, {0, 0, 0}, run_state::running},
    {job_state::active, {3, 0, 0}, run_state::running},
    {job_state::awaiting_children, {3, 1, 0}, run_state::running},
    {job_state::completed, {0, 0, 0}, run_state::completed},
    {job_state::completed, {5, 0, 0}, run_state::completed},
    {job_state::completed, {5, 1, 0}, run_state::completed_with_failures},
    {job_state::completed, {5, 0, 1}, run_state::completed_with_failures},
    {job_state::completed, {0, 2, 0}, run_state::failed},
    {job_state::completed, {0, 0, 2}, run_state::failed},
    {job_state::failed, {0, 0, 0}, run_state::failed},
    {job_state::failed, {5, 0, 0}, run_state::failed},
    {job_state::cancelled, {5, 1, 2}, run_state::cancelled},
  };
  for (const auto& row : rows)
    EXPECT_EQ(derive_run_state(row.root, row.children), row.expected)
      << to_string(row.root) << " " << row.children.completed << "/" << row.children.failed << "/"
      << row.children.cancelled;
}

TEST(run_state, RootFailsWhenNoChildWorked) {
  EXPECT_EQ(root_end_after_children({0, 0, 0}), job_state::completed);
  EXPECT_EQ(root_end_after_children({1, 9, 9}), job_state::completed);
  EXPECT_EQ(root_end_after_children({0, 1, 0}), job_state::failed);
  EXPECT_EQ(root_end_after_children({0, 0, 1}), job_state::failed);
}

} // namespace
} // namespace penstock
