#include "node/logging.hpp"

#include <chrono>
#include <memory>

#include <gmock/gmock.h>
#include <spdlog/spdlog.h>

#include "core/failure_field.hpp"
#include "tests/node/command_run.hpp"

namespace penstock::node {
namespace {

/// Logs to a file, and gives the process its own logger back.
class logging : public command_run {
protected:
  ~logging() override {
    spdlog::set_default_logger(before_);
    spdlog::set_level(spdlog::level::info);
    spdlog::flush_every(std::chrono::seconds(0)); // ends the thread that does it
  }

  void start(config::log_format format) {
    ASSERT_TRUE(start_logging({.level = config::log_level::info,
                               .format = format,
                               .file = directory_ / "node.log",
                               .file_size = 1 << 20,
                               .files_kept = 1},
                              "east \"1\""));
  }
  [[nodiscard]] std::string written() const {
    flush_log();
    std::ifstream in(directory_ / "node.log");
    return {std::istreambuf_iterator<char>(in), {}};
  }

private:
  std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
};

TEST_F(logging, TextIsOneLineAMessage) {
  start(config::log_format::text);
  spdlog::info("first\nsecond");
  spdlog::error("third");
  EXPECT_THAT(written(), testing::MatchesRegex("[-0-9]+T[:.0-9]+Z info  east \"1\": first second\n"
                                               "[-0-9]+T[:.0-9]+Z error east \"1\": third\n"));
}

TEST_F(logging, JsonEscapesWhatItIsGiven) {
  start(config::log_format::json);
  spdlog::warn("a \"quoted\"\nword");
  EXPECT_THAT(written(), testing::HasSubstr(R"(,"level":"warn","node":"east \"1\"","message":"a \"quoted\"\nword"})"
                                            "\n"));
}

TEST_F(logging, FailuresThatAreTriedAgainAreToldApartByAField) {
  start(config::log_format::json);
  spdlog::log(spdlog::source_loc{failure_field, 1, failure_retried}, spdlog::level::err, "again");
  spdlog::log(spdlog::source_loc{failure_field, 1, failure_permanent}, spdlog::level::err, "over");
  EXPECT_THAT(written(), testing::HasSubstr(R"("failure":"retried","message":"again"})"));
  EXPECT_THAT(written(), testing::HasSubstr(R"("failure":"permanent","message":"over"})"));
}

TEST_F(logging, ErrorsOfTheNodeItselfAreHandedToAListener) {
  start(config::log_format::text);
  std::vector<std::string> told;
  set_error_listener([&](const std::string& line, bool fatal) { told.push_back(line + (fatal ? " (fatal)" : "")); });
  spdlog::warn("a warning");
  spdlog::error("no place");
  spdlog::critical("gone");
  spdlog::log(spdlog::source_loc{failure_field, 1, failure_permanent}, spdlog::level::err, "a job");
  set_error_listener({});
  spdlog::error("nobody listens");
  EXPECT_THAT(told, testing::ElementsAre("no place", "gone (fatal)"));
}

TEST_F(logging, AListenerMayWriteToTheLogItself) {
  start(config::log_format::text);
  set_error_listener([](const std::string& line, bool) { spdlog::warn("not sent: {}", line); });
  spdlog::error("no place");
  set_error_listener({});
  EXPECT_THAT(written(), testing::HasSubstr("not sent: no place"));
}

TEST_F(logging, LevelChangesWhileRunning) {
  start(config::log_format::text);
  spdlog::debug("unseen");
  set_log_level(config::log_level::debug);
  spdlog::debug("seen");
  set_log_level(config::log_level::error);
  spdlog::warn("unseen");
  EXPECT_THAT(written(),
              testing::AllOf(testing::HasSubstr("debug east \"1\": seen"), testing::Not(testing::HasSubstr("unseen"))));
}

TEST_F(logging, FileThatCannotBeWrittenIsBadConfiguration) {
  const auto started = start_logging({.file = "/proc/no/such/node.log", .file_size = 1 << 20, .files_kept = 1}, "east");
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, error_code::bad_configuration);
  EXPECT_THAT(started.error().message, testing::HasSubstr("log.file"));
}

} // namespace
} // namespace penstock::node
