#include "config/section.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

namespace penstock::config {
namespace {

TEST(section, GivesBackWhatWasPutAndWhetherSomebodySetIt) {
  section values;
  values.put("name", std::string("x"), false);
  EXPECT_EQ(values.text("name"), "x");
  EXPECT_FALSE(values.is_set("name"));
  values.put("name", std::string("y"), true);
  EXPECT_EQ(values.text("name"), "y");
  EXPECT_TRUE(values.is_set("name"));
}

TEST(section, UndeclaredKeyOrAnotherTypeIsABug) {
  section values;
  values.put("count", std::int64_t{1}, false);
  EXPECT_EQ(values.integer("count"), 1);
  EXPECT_THROW((void)values.integer("other"), std::logic_error);
  EXPECT_THROW((void)values.is_set("other"), std::logic_error);
  EXPECT_THROW((void)values.text("count"), std::logic_error);
  EXPECT_THROW((void)values.boolean("count"), std::logic_error);
  EXPECT_THROW((void)values.time("count"), std::logic_error);
  EXPECT_THROW((void)values.list("count"), std::logic_error);
}

} // namespace
} // namespace penstock::config
