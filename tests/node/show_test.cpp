#include "node/commands/show.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "node/commands/follow_job.hpp"

namespace penstock::node {
namespace {

using boost::json::parse;

TEST(show, MembersAreTextForPeople) {
  const auto value = parse(R"({"a": "x", "b": 3, "c": null, "d": 1.0, "e": true, "f": {"g": 7}, "h": 2.5})");
  EXPECT_EQ(shown(value, "a"), "x");
  EXPECT_EQ(shown(value, "b"), "3");
  EXPECT_EQ(shown(value, "c"), "");
  EXPECT_EQ(shown(value, "d"), "1");
  EXPECT_EQ(shown(value, "e"), "true");
  EXPECT_EQ(shown(value, "missing"), "");
  EXPECT_EQ(shown_in(value, "f", "g"), "7");
  EXPECT_EQ(shown_in(value, "missing", "g"), "");
}

TEST(show, TimesHaveNoFraction) {
  const auto value = parse(R"({"a": "2026-03-08T03:00:00.123456Z", "b": "2026-03-08T03:00:00Z", "c": null})");
  EXPECT_EQ(shown_time(value, "a"), "2026-03-08 03:00:00Z");
  EXPECT_EQ(shown_time(value, "b"), "2026-03-08 03:00:00Z");
  EXPECT_EQ(shown_time(value, "c"), "");
}

TEST(show, LongDurationsLoseTheirMilliseconds) {
  EXPECT_EQ(shown_milliseconds(1'500), "1s500ms");
  EXPECT_EQ(shown_milliseconds(192'345), "3m12s");
}

TEST(progress_line, BarFillsWithThePercentage) {
  EXPECT_EQ(progress_line(parse(R"({"stage": "storing", "message": "page 3", "percent": 50, "done": 5, "total": 10,
                                    "remaining_ms": 61000})")),
            "[############------------]  50 %  storing: page 3  5 of 10  1m1s left");
  EXPECT_EQ(progress_line(parse(R"({"stage": "storing", "message": "", "percent": 100})")),
            "[########################] 100 %  storing");
}

TEST(progress_line, WithoutPercentageThereIsNoBar) {
  EXPECT_EQ(progress_line(parse(R"({"stage": "", "message": "reading", "percent": null, "done": 4, "total": null})")),
            "reading  4");
}

} // namespace
} // namespace penstock::node
