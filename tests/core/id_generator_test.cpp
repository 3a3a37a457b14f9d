#include "core/id_generator.hpp"

#include <algorithm>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "core/manual_clock.hpp"
#include "core/random.hpp"

namespace penstock {
namespace {

using namespace std::chrono_literals;

constexpr timestamp march{std::chrono::sys_days{std::chrono::year{2026} / 3 / 8} + 3h + 250ms};

TEST(id_generator, CarriesTimeAndNode) {
  manual_clock clock{march};
  id_generator ids{clock, 77};
  const auto id = ids.next();
  EXPECT_EQ(id_generator::time_of(id), march);
  EXPECT_EQ(id_generator::node_of(id), 77u);
  EXPECT_GT(id, 0);
}

TEST(id_generator, MakesStrongIds) {
  manual_clock clock{march};
  id_generator ids{clock, 1};
  const auto first = ids.make<job_id>();
  const auto second = ids.make<job_id>();
  EXPECT_LT(first, second);
}

TEST(id_generator, IsNeverZeroAtItsEpochOrBefore) {
  manual_clock clock{id_generator::epoch};
  EXPECT_GT(id_generator(clock, 0).next(), 0);
  clock.set(timestamp{-1h});
  EXPECT_GT(id_generator(clock, 0).next(), 0);
}

TEST(id_generator, BorrowsFromTheNextMillisecondWhenItsNumbersAreUsedUp) {
  manual_clock clock{march};
  id_generator ids{clock, 3};
  std::int64_t last = 0;
  for (int i = 0; i < 3 * 4096; ++i) {
    const auto id = ids.next();
    ASSERT_GT(id, last);
    ASSERT_EQ(id_generator::node_of(id), 3u);
    last = id;
  }
  EXPECT_EQ(id_generator::time_of(last), march + 2ms);
}

TEST(id_generator, StaysMonotonicWhateverTheClockDoes) {
  manual_clock clock{march};
  id_generator ids{clock, 1023};
  seeded_random random{5};
  std::int64_t last = 0;
  for (int i = 0; i < 50'000; ++i) {
    if (uniform(random, 100) == 0)
      clock.advance(duration{static_cast<std::int64_t>(uniform(random, 20'000'000)) - 10'000'000});
    const auto id = ids.next();
    ASSERT_GT(id, last);
    last = id;
  }
}

TEST(id_generator, StartsAfterAKnownIdOfAnyNode) {
  manual_clock clock{march};
  id_generator before{clock, 900};
  const auto known = before.next();
  clock.advance(-1h);
  id_generator after{clock, 2};
  after.start_after(known);
  EXPECT_GT(after.next(), known);
  const auto id = after.next();
  after.start_after(1);
  EXPECT_GT(after.next(), id);
}

TEST(id_generator, GivesThreadsDistinctIds) {
  manual_clock clock{march};
  id_generator ids{clock, 1};
  std::vector<std::vector<std::int64_t>> made(4);
  std::vector<std::thread> threads;
  for (auto& mine : made)
    threads.emplace_back([&ids, &mine] {
      for (int i = 0; i < 20'000; ++i)
        mine.push_back(ids.next());
    });
  for (auto& thread : threads)
    thread.join();
  std::vector<std::int64_t> all;
  for (const auto& mine : made) {
    EXPECT_TRUE(std::is_sorted(mine.begin(), mine.end()));
    all.insert(all.end(), mine.begin(), mine.end());
  }
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
}

} // namespace
} // namespace penstock
