#include <gtest/gtest.h>

#include "core/role.hpp"

namespace penstock {
namespace {

TEST(role, EachHasANameThatIsReadBack) {
  for (const auto each : {role::viewer, role::operating, role::admin})
    EXPECT_EQ(parse_role(to_string(each)), each);
  EXPECT_EQ(parse_role("operator"), role::operating);
}

TEST(role, OtherNamesAreNone) {
  for (const auto* name : {"", "Admin", "operating", "root", "admin "})
    EXPECT_EQ(parse_role(name), std::nullopt) << name;
}

} // namespace
} // namespace penstock
