#include <gmock/gmock.h>

#include "node/commands/command.hpp"
#include "tests/node/command_run.hpp"

namespace penstock::node {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

class command_line : public command_run {
protected:
  /// One line that says what is wrong, and nothing else.
  void expect_wrong_usage(std::vector<std::string> words, const std::string& what) {
    const auto told = run(std::move(words));
    EXPECT_EQ(told.status, exit_status::wrong_usage);
    EXPECT_THAT(told.out, IsEmpty());
    EXPECT_THAT(told.err, AllOf(HasSubstr(what), testing::StartsWith("penstock: "), EndsWith("\n")));
    EXPECT_EQ(std::count(told.err.begin(), told.err.end(), '\n'), 1) << told.err;
  }
};

TEST_F(command_line, UnknownCommandIsToldWithTheNearestOne) {
  expect_wrong_usage({"integratons", "list"}, "there is no command 'integratons' (did you mean 'integrations'");
  expect_wrong_usage({"queue", "stats"}, "there is no command 'queue stats' (did you mean 'status'");
}

TEST_F(command_line, MissingAndSurplusWordsAreWrongUsage) {
  expect_wrong_usage({}, "no command was given");
  expect_wrong_usage({"jobs"}, "'jobs' needs a command");
  expect_wrong_usage({"jobs", "show"}, "ID");
  expect_wrong_usage({"jobs", "show", "1", "2"}, "2");
  expect_wrong_usage({"jobs", "cancel", "1", "--now"}, "--now");
  expect_wrong_usage({"version", "--config"}, "--config");
}

TEST_F(command_line, ValuesAreCheckedBeforeANodeIsAsked) {
  expect_wrong_usage({"jobs", "show", "twelve"}, "'twelve' is not an id");
  expect_wrong_usage({"integrations", "pause", "-3"}, "-3");
  expect_wrong_usage({"jobs", "enqueue", "probe.noop", "--priority", "10"}, "10");
  expect_wrong_usage({"jobs", "enqueue", "probe.noop", "--args", "[1]"}, "--args takes a JSON object");
  expect_wrong_usage({"jobs", "enqueue", "probe.noop", "--delay", "soon"}, "--delay: ");
  expect_wrong_usage({"integrations", "add", "monzo", "--set", "=x"}, "KEY=VALUE");
  expect_wrong_usage({"events", "tail", "--since", "yesterday"}, "--since takes a moment");
  expect_wrong_usage({"integrations", "reset", "1", "--from", "yesterday"}, "--from: ");
  expect_wrong_usage({"schedule", "next", "@daily", "--from", "yesterday"}, "--from: ");
  expect_wrong_usage({"queue", "retry", "every"}, "or 'all'");
}

TEST_F(command_line, AddressThatIsNoneIsWrongUsage) {
  expect_wrong_usage({"queue", "status", "--url", "elsewhere"}, "'elsewhere' is no address of a node");
}

TEST_F(command_line, HelpNamesEveryCommand) {
  const auto told = run({"--help"});
  EXPECT_EQ(told.status, exit_status::done);
  for (const auto& each : all_commands())
    EXPECT_THAT(told.out, HasSubstr("  " + each.words() + " "));
  EXPECT_THAT(run({"jobs", "--help"}).out, AllOf(HasSubstr("jobs enqueue"), testing::Not(HasSubstr("queue status"))));
  EXPECT_THAT(run({"jobs", "enqueue", "--help"}).out, HasSubstr("penstock jobs enqueue KIND [--args JSON]"));
}

TEST_F(command_line, GlobalOptionsMayStandAnywhere) {
  write("here.toml", "[log]\nlevel = 'warn'\n");
  for (const auto& words : std::vector<std::vector<std::string>>{{"--config", "here.toml", "check-config"},
                                                                 {"check-config", "--config", "here.toml"},
                                                                 {"check-config", "--config=here.toml"}}) {
    const auto told = run(words);
    EXPECT_EQ(told.status, exit_status::done) << told.err;
    EXPECT_THAT(told.out, HasSubstr("here.toml is well"));
  }
}

TEST_F(command_line, VersionIsThatOfTheBuild) {
  EXPECT_THAT(run({"version"}).out, testing::MatchesRegex("penstock [0-9]+\\.[0-9]+\\.[0-9]+\n"));
  EXPECT_EQ(run({"--version"}).out, run({"version"}).out);
  EXPECT_THAT(run({"version", "--json"}).out, testing::StartsWith(R"({"version":")"));
}

} // namespace
} // namespace penstock::node
