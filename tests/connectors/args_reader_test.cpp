#include "connectors/args_reader.hpp"

#include <gtest/gtest.h>

namespace penstock::connectors {
namespace {

TEST(args_reader, AnIdMayBeWrittenAsAWholeNumber) {
  args_reader args("kind", R"({"a":12345,"b":"00123","c":18446744073709551615,"d":-7})", {"a", "b", "c", "d"});
  EXPECT_EQ(args.id_text("a"), "12345");
  EXPECT_EQ(args.id_text("b"), "00123");
  EXPECT_EQ(args.id_text("c"), "18446744073709551615");
  EXPECT_EQ(args.id_text("d"), "-7");
  EXPECT_FALSE(args.problem());
  for (const std::string wrong : {"1e5", "1.5", "123456789012345678901234567890", "true", "[]", "null"}) {
    args_reader bad("kind", R"({"a":)" + wrong + "}", {"a"});
    EXPECT_EQ(bad.id_text("a"), "") << wrong;
    ASSERT_TRUE(bad.problem()) << wrong;
  }
}

TEST(args_reader, ReadsWhatIsThereAndDefaultsWhatIsNot) {
  args_reader args("kind", R"({"n":5,"t":"x","b":true,"l":["a","b"]})", {"n", "t", "b", "l", "m"});
  EXPECT_EQ(args.integer("n", 0, 10), 5);
  EXPECT_EQ(args.integer("m", 0, 10, 7), 7);
  EXPECT_EQ(args.text("t"), "x");
  EXPECT_TRUE(args.boolean("b"));
  EXPECT_EQ(args.texts("l"), (std::vector<std::string>{"a", "b"}));
  EXPECT_FALSE(args.problem());
}

TEST(args_reader, EmptyTextIsAnEmptyObject) { EXPECT_FALSE(args_reader("kind", "", {}).problem()); }

TEST(args_reader, KeepsTheFirstProblem) {
  args_reader args("kind", R"({"n":50})", {"n", "t"});
  (void)args.integer("n", 0, 10);
  (void)args.text("t");
  ASSERT_TRUE(args.problem());
  EXPECT_EQ(args.problem()->code, error_code::invalid_argument);
  EXPECT_EQ(args.problem()->message, "kind: 'n' must be a whole number from 0 to 10");
}

TEST(args_reader, UnknownKeyNamesTheNearestAndTheAllowed) {
  const args_reader args("kind", R"({"childrens":1})", {"children", "failures"});
  ASSERT_TRUE(args.problem());
  EXPECT_NE(args.problem()->message.find("did you mean 'children'"), std::string::npos) << args.problem()->message;
  EXPECT_NE(args.problem()->message.find("allowed is children, failures"), std::string::npos);
}

} // namespace
} // namespace penstock::connectors
