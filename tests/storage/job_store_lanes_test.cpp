#include <gtest/gtest.h>

#include <algorithm>

#include "tests/storage/store_conformance.hpp"

// Jobs with a group are read lane by lane, so that no backlog hides another's.
namespace penstock::storage {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class job_store_lanes : public store_conformance {
protected:
  std::vector<job_id> enqueue_in(const std::string& group, int count, std::uint8_t priority = 5) {
    auto wanted = request("probe.task");
    wanted.group_key = group;
    wanted.priority = priority;
    unit_of_work unit;
    unit.jobs.assign(static_cast<std::size_t>(count), wanted);
    std::vector<job_id> made;
    for (const auto& each : commit(std::move(unit)).jobs)
      made.push_back(each.id);
    return made;
  }
  lane_window lanes(lane_request wanted) {
    wanted.now = clock.now();
    auto found = jobs().lanes("default", wanted);
    EXPECT_TRUE(found) << found.error().message;
    return std::move(*found);
  }
  static std::vector<job_id> ids_of(const lane_window::lane& lane) {
    std::vector<job_id> found;
    for (const auto& each : lane.jobs)
      found.push_back(each.id);
    return found;
  }
};
PENSTOCK_ON_EVERY_STORE(job_store_lanes);

TEST_P(job_store_lanes, EachLaneIsReadWhateverStandsBefore) {
  const auto many = enqueue_in("big", 30);
  const auto few = enqueue_in("small", 2);
  const auto found = lanes({.search = true, .jobs_a_lane = 5});
  ASSERT_EQ(found.lanes.size(), 2u);
  EXPECT_TRUE(found.searched_all);
  EXPECT_EQ(ids_of(found.lanes[0]), (std::vector<job_id>(many.begin(), many.begin() + 5)));
  EXPECT_TRUE(found.lanes[0].more);
  EXPECT_EQ(ids_of(found.lanes[1]), few);
  EXPECT_FALSE(found.lanes[1].more);

  const auto next = lanes({.lanes = {{"big", found.lanes[0].jobs.back().place()}}, .jobs_a_lane = 100});
  ASSERT_EQ(next.lanes.size(), 1u);
  EXPECT_EQ(ids_of(next.lanes[0]), (std::vector<job_id>(many.begin() + 5, many.end())));
}

TEST_P(job_store_lanes, ALaneIsInOrderOfPriorityThenTime) {
  const auto late = enqueue_in("a", 1, 9);
  const auto usual = enqueue_in("a", 1);
  const auto first = enqueue_in("a", 1, 0);
  const auto found = lanes({.search = true});
  EXPECT_EQ(ids_of(found.lanes.at(0)), (std::vector{first[0], usual[0], late[0]}));
}

TEST_P(job_store_lanes, OfAStreamOnlyTheFirstIsTold) {
  const auto stream = enqueue_in("o/c/s", 3);
  const auto found = lanes({.search = true});
  ASSERT_EQ(found.lanes.size(), 1u);
  EXPECT_TRUE(found.lanes[0].in_order);
  EXPECT_EQ(ids_of(found.lanes[0]), (std::vector{stream[0]}));
  EXPECT_FALSE(found.lanes[0].more);
}

TEST_P(job_store_lanes, ASearchGoesOnWhereTheLastOneStopped) {
  for (const auto* group : {"a", "b", "c"})
    enqueue_in(group, 1);
  const auto first = lanes({.search = true, .most_lanes = 2});
  EXPECT_FALSE(first.searched_all);
  EXPECT_EQ(first.lanes.size(), 2u);
  const auto rest = lanes({.search = true, .search_after = first.searched_to, .most_lanes = 2});
  EXPECT_TRUE(rest.searched_all);
  ASSERT_EQ(rest.lanes.size(), 1u);
  EXPECT_EQ(rest.lanes[0].key, "c");
}

TEST_P(job_store_lanes, WhatBecameDueIsFoundByItsTime) {
  auto wanted = request("probe.task");
  wanted.group_key = "a";
  wanted.run_at = clock.now() + minutes{1};
  const auto later = enqueue(wanted).id;
  enqueue_in("b", 1);
  const auto since = clock.now();
  EXPECT_EQ(lanes({}).next_run_at, clock.now() + minutes{1});
  clock.advance(minutes{1});
  const auto found = lanes({.due_since = since});
  ASSERT_EQ(found.lanes.size(), 1u);
  EXPECT_EQ(ids_of(found.lanes[0]), std::vector{later});
  EXPECT_EQ(found.next_run_at, no_time);
}

TEST_P(job_store_lanes, OrganisationAndNamedCredentialAreTheGroupOfAJobWithoutOne) {
  auto of_somebody = request("probe.task");
  of_somebody.organisation = organisation_id{7};
  EXPECT_EQ(job(enqueue(of_somebody).id).job.group_key, "7");
  auto call = request("probe.call");
  call.args = R"({"credential":"12"})";
  EXPECT_EQ(job(enqueue(call).id).job.group_key, "0/12");
  call.organisation = organisation_id{7};
  EXPECT_EQ(job(enqueue(call).id).job.group_key, "7/12");
  call.args = "{}";
  call.organisation = {};
  EXPECT_EQ(job(enqueue(call).id).job.group_key, "");
}

TEST_P(job_store_lanes, ABrokenGroupKeyIsRefused) {
  auto wanted = request("probe.task");
  wanted.group_key = "a//b";
  unit_of_work unit;
  unit.jobs.push_back(wanted);
  EXPECT_EQ(commit(std::move(unit)).refused->code, error_code::invalid_argument);
}

// -- what nodes share -------------------------------------------------------------------------------------------------

TEST_P(job_store_lanes, TokensThatAreSpentTwiceAreMissedOnce) {
  const token_rate rate{2, 1, seconds{1}};
  const auto left = [&](std::int64_t spent) {
    const auto done = answer(spend_tokens{"group 7/12", rate, spent});
    EXPECT_EQ(done.created.size(), 3u);
    return done.created.at(0) / rate.interval.count();
  };
  EXPECT_EQ(left(1), 1);
  EXPECT_EQ(left(1), 0);
  EXPECT_EQ(left(2), -2);
  clock.advance(seconds{3});
  EXPECT_EQ(left(0), 1);
}

TEST_P(job_store_lanes, ABlockIsToldAndStandsAndWritesNoJob) {
  enqueue_in("7/12", 3);
  const auto before = lanes({.search = true});
  apply(block_group{"7/12", clock.now() + minutes{5}});
  ASSERT_EQ(news.blocks.size(), 1u);
  EXPECT_EQ(news.blocks[0].prefix, "7/12");
  apply(block_group{"7/12", clock.now() + minutes{1}});
  EXPECT_TRUE(news.blocks.empty()) << "an earlier end does not shorten a block";
  const auto after = lanes({.search = true});
  ASSERT_EQ(after.blocks.size(), 1u);
  EXPECT_EQ(after.blocks[0].until, clock.now() + minutes{5});
  EXPECT_EQ(ids_of(after.lanes.at(0)), ids_of(before.lanes.at(0)));
  clock.advance(minutes{5});
  EXPECT_TRUE(lanes({}).blocks.empty());
}

TEST_P(job_store_lanes, AfterEveryNthCallOfARunThereIsAPause) {
  const call_pause rule{5, std::chrono::milliseconds{500}};
  const run_id run{3};
  for (int call = 1; call <= 12; ++call) {
    apply(count_calls{"7/12", run, 1, rule});
    EXPECT_EQ(news.blocks.size(), call % 5 == 0 ? 1u : 0u) << call;
    clock.advance(seconds{1});
  }
  apply(count_calls{"7/12", run_id{4}, 4, rule});
  EXPECT_TRUE(news.blocks.empty()) << "another run counts its own";
}

} // namespace
} // namespace penstock::storage
