#include "core/random.hpp"

#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace penstock {
namespace {

/// A source that always gives the same.
class stuck_random : public random_source {
public:
  explicit stuck_random(std::uint64_t value) : value_(value) {}
  std::uint64_t next() override { return value_; }

private:
  std::uint64_t value_;
};

TEST(random, SameSeedGivesSameNumbers) {
  seeded_random a{42};
  seeded_random b{42};
  seeded_random c{43};
  bool differs = false;
  for (int i = 0; i < 1000; ++i) {
    const auto drawn = a.next();
    EXPECT_EQ(drawn, b.next());
    differs |= drawn != c.next();
  }
  EXPECT_TRUE(differs);
}

TEST(random, MatchesTheReferenceGenerator) {
  // First output is rotl(s1 * 5, 7) * 9 with s1 the second splitmix64 output of seed 0, 0x6e789e6aa1b965f4.
  seeded_random source{0};
  EXPECT_EQ(source.next(), 0x99ec5f36cb75f2b4u);
}

TEST(random, UniformStaysInBoundAndReachesAll) {
  seeded_random source{7};
  for (const std::uint64_t bound : {1u, 2u, 3u, 10u, 1000u}) {
    std::set<std::uint64_t> seen;
    for (std::uint64_t i = 0; i < bound * 20; ++i) {
      const auto drawn = uniform(source, bound);
      ASSERT_LT(drawn, bound);
      seen.insert(drawn);
    }
    EXPECT_GE(seen.size(), bound * 9 / 10) << bound;
  }
  EXPECT_EQ(uniform(source, 0), 0u);
}

TEST(random, UniformIsEven) {
  seeded_random source{11};
  std::vector<int> counts(6);
  for (int i = 0; i < 60'000; ++i)
    ++counts[uniform(source, 6)];
  for (const int count : counts) {
    EXPECT_GT(count, 9'500);
    EXPECT_LT(count, 10'500);
  }
}

TEST(random, UniformEndsWithAStuckSource) {
  // 0 is always rejected for a bound that is no power of two.
  stuck_random source{0};
  EXPECT_EQ(uniform(source, 3), 0u);
}

TEST(random, UnitIntervalExcludesOne) {
  stuck_random lowest{0};
  stuck_random highest{~std::uint64_t{0}};
  EXPECT_EQ(unit_interval(lowest), 0.0);
  EXPECT_LT(unit_interval(highest), 1.0);
  EXPECT_GT(unit_interval(highest), 0.999999);
}

TEST(random, SystemRandomServesManyThreadsDistinctly) {
  system_random source;
  std::vector<std::vector<std::uint64_t>> drawn(4);
  std::vector<std::thread> threads;
  for (auto& mine : drawn)
    threads.emplace_back([&source, &mine] {
      for (int i = 0; i < 1000; ++i)
        mine.push_back(source.next());
    });
  for (auto& thread : threads)
    thread.join();
  std::set<std::uint64_t> all;
  for (const auto& mine : drawn)
    all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), 4000u);
}

} // namespace
} // namespace penstock
