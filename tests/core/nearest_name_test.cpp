#include "core/nearest_name.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace penstock {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::vector<std::string> zones{"America/New_York", "Europe/Berlin", "Europe/Dublin", "UTC"};

TEST(nearest_name, FindsTypingErrors) {
  EXPECT_THAT(nearest_names("Europe/Berln", zones), ElementsAre("Europe/Berlin"));
  EXPECT_THAT(nearest_names("Europe/Derlin", zones), ElementsAre("Europe/Berlin", "Europe/Dublin"));
  EXPECT_THAT(nearest_names("utc", zones), ElementsAre("UTC"));
}

TEST(nearest_name, LastPartOfAPathIsEnough) {
  EXPECT_THAT(nearest_names("new york", zones), ElementsAre("America/New_York"));
  EXPECT_THAT(nearest_names("Berlin", zones), ElementsAre("Europe/Berlin"));
}

TEST(nearest_name, OffersNothingFarFetched) {
  EXPECT_THAT(nearest_names("queue", zones), IsEmpty());
  EXPECT_THAT(nearest_names("", zones), IsEmpty());
  EXPECT_EQ(did_you_mean("queue", zones), "");
}

TEST(nearest_name, KeepsToTheLimitAndToLongTexts) {
  EXPECT_THAT(nearest_names("aaab", {"aaaa", "aaac", "aaad", "aaae"}, 2), SizeIs(2));
  EXPECT_THAT(nearest_names(std::string(100'000, 'x'), zones), IsEmpty());
}

TEST(nearest_name, MakesTheEndOfAMessage) {
  EXPECT_EQ(did_you_mean("Europe/Berln", zones), " (did you mean 'Europe/Berlin'?)");
}

TEST(nearest_name, WhereNoneIsCloseAllAreNamed) {
  EXPECT_EQ(did_you_mean_or_all("priorty", {"priority", "role"}), " (did you mean 'priority'?)");
  EXPECT_EQ(did_you_mean_or_all("colour", {"name", "role"}), ": it takes name, role");
  EXPECT_EQ(did_you_mean_or_all("colour", {}), "");
}

} // namespace
} // namespace penstock
