#include "config/toml_value.hpp"

#include <gmock/gmock.h>

namespace penstock::config {
namespace {

using kind = toml_value::kind;

TEST(toml_value, KeepsKindsValuesAndLines) {
  const auto root = parse_toml("a = 'x'\nb = 5\nc = 1.5\nd = true\ne = [1,\n2]\nf = 07:30:00\n[g.h]\ni = 1\n", "t");
  ASSERT_TRUE(root);
  std::vector<std::pair<kind, int>> seen;
  for (const auto& [name, value] : root->members)
    seen.emplace_back(value.what, value.line);
  EXPECT_THAT(seen,
              testing::ElementsAre(std::pair(kind::text, 1), std::pair(kind::integer, 2), std::pair(kind::real, 3),
                                   std::pair(kind::boolean, 4), std::pair(kind::list, 5), std::pair(kind::moment, 7),
                                   std::pair(kind::table, 8)));
  EXPECT_EQ(root->members[0].second.text, "x");
  EXPECT_EQ(root->members[1].second.integer, 5);
  EXPECT_TRUE(root->members[3].second.boolean);
  EXPECT_EQ(root->members[4].second.items.size(), 2U);
  EXPECT_EQ(root->members[6].second.members.at(0).second.members.at(0).second.line, 9);
}

TEST(toml_value, SyntaxErrorsAreOneLineWithTheirPlace) {
  const std::pair<const char*, int> table[] = {
    {"a = 1\na = 2\n", 2},          {"\n\nb =\n", 3}, {"[x\n", 1}, {"a = 'x\n", 1}, {"a = \"\\q\"", 1}, {"a = \xff", 1},
    {"a = 99999999999999999999", 1}};
  for (const auto& [text, line] : table) {
    const auto root = parse_toml(text, "t.toml");
    ASSERT_FALSE(root) << text;
    EXPECT_EQ(root.error().where.source, "t.toml");
    EXPECT_EQ(root.error().where.line, line) << text << root.error().message;
    EXPECT_THAT(root.error().message, testing::StartsWith("not valid TOML: "));
    EXPECT_EQ(root.error().message.find('\n'), std::string::npos);
  }
}

TEST(toml_value, EndlesslyNestedFilesAreRefusedAndDoNotEndTheProcess) {
  std::string key = "a", levels;
  for (int i = 0; i < 200'000; ++i)
    key += ".a";
  EXPECT_FALSE(parse_toml(key + " = 1\n", "t"));
  EXPECT_FALSE(parse_toml("x = 1\n[" + key + "]\n", "t"));
  EXPECT_FALSE(parse_toml("a = " + std::string(200'000, '['), "t"));
  // As deep as the parser's limit for values and ours for keys allow together.
  for (int i = 0; i < 120; ++i)
    levels = "{" + key.substr(0, 65) + " = [\n" + levels + "]}";
  EXPECT_TRUE(parse_toml("a = " + levels + "\n", "t"));
}

TEST(toml_value, DotsInTextsAndCommentsDoNotCount) {
  const std::string dots(1'000, '.');
  EXPECT_TRUE(parse_toml("a = '" + dots + "'\nb = \"\\\"" + dots + "\" # " + dots + "\n", "t"));
}

} // namespace
} // namespace penstock::config
