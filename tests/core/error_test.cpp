#include "core/error.hpp"

#include <set>

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(error, EachCodeHasItsOwnNameThatParses) {
  std::set<std::string_view> names;
  for (int i = 0; i < static_cast<int>(error_code::code_count); ++i) {
    const auto code = static_cast<error_code>(i);
    EXPECT_TRUE(names.insert(to_string(code)).second) << to_string(code);
    EXPECT_EQ(parse_error_code(to_string(code)), code);
  }
  EXPECT_EQ(to_string(error_code::code_count), "unknown");
  EXPECT_EQ(parse_error_code("unknown"), std::nullopt);
  EXPECT_EQ(parse_error_code(""), std::nullopt);
}

TEST(error, ClassesFollowTheDocumentedTable) {
  using enum error_code;
  const struct {
    error_class cls;
    std::vector<error_code> codes;
  } rows[] = {
    {error_class::retryable,
     {network, timed_out, rate_limited, provider_unavailable, truncated_body, storage_busy, storage_full,
      storage_failed, internal}},
    {error_class::final,
     {unexpected_shape, requires_reauth, forbidden, not_found, invalid_argument, bad_configuration, crashed,
      cancelled, precondition_failed, key_reused}},
    {error_class::postponed, {conflict, unavailable}},
  };
  std::size_t listed = 1; // none
  for (const auto& row : rows)
    for (const auto code : row.codes) {
      EXPECT_EQ(classify(code), row.cls) << to_string(code);
      ++listed;
    }
  EXPECT_EQ(listed, static_cast<std::size_t>(code_count));
}

TEST(error, NamedClassWinsOverTheCode) {
  EXPECT_EQ((error{error_code::network, ""}).cls(), error_class::retryable);
  EXPECT_EQ((error{error_code::network, "", {}, error_class::final}).cls(), error_class::final);
}

} // namespace
} // namespace penstock
