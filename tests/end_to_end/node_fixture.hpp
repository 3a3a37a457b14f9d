#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include "tests/end_to_end/program.hpp"

namespace penstock::end_to_end {

/// A working directory with a configuration (data directory, any free port, the probe connector), and the program.
class with_node : public testing::Test {
protected:
  with_node() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    options.directory = std::filesystem::path(testing::TempDir()) /
                        ("penstock_" + std::to_string(getpid()) + "_" + test->test_suite_name() + "_" + test->name());
    std::filesystem::remove_all(options.directory);
    std::filesystem::create_directories(options.directory);
    options.environment["HOME"] = options.directory.string();
    configure("");
  }
  ~with_node() override {
    if (!HasFailure())
      std::filesystem::remove_all(options.directory);
  }

  /// `more` stands below the [node] section.
  void configure(const std::string& more) const {
    std::ofstream(options.directory / "penstock.toml")
      << "[http]\nlisten = \"127.0.0.1:0\"\nallow_private_hosts = [\"127.0.0.1\"]\n[connectors.probe]\nenabled = true\n"
         "[connectors.monzo]\nclient_id = \"test\"\n[node]\ndata_dir = \"data\"\n"
      << more;
  }

  [[nodiscard]] static std::vector<std::string> command(std::vector<std::string> words) {
    words.insert(words.begin(), PENSTOCK_PROGRAM);
    return words;
  }
  [[nodiscard]] ended_program cli(std::vector<std::string> words, std::chrono::milliseconds limit = 60s) const {
    return run_program(command(std::move(words)), options, limit);
  }
  /// A command that must succeed, and what it printed with --json.
  [[nodiscard]] boost::json::value ask(std::vector<std::string> words) const {
    words.push_back("--json");
    const auto told = cli(std::move(words));
    EXPECT_EQ(told.status, 0) << told.err;
    boost::system::error_code wrong;
    auto value = boost::json::parse(told.out, wrong);
    EXPECT_FALSE(wrong) << told.out;
    return value;
  }

  [[nodiscard]] std::unique_ptr<running_program> start_node() const {
    auto node = std::make_unique<running_program>(command({"serve"}), options);
    EXPECT_TRUE(node->prints("admin token: ", 60s)) << node->err();
    return node;
  }
  void stop_node(running_program& node) const {
    node.signal(SIGTERM);
    EXPECT_EQ(node.wait(60s), 0) << node.err();
  }
  [[nodiscard]] std::string node_url() const {
    std::ifstream note(options.directory / "data" / "node.url");
    std::string url;
    std::getline(note, url);
    return url;
  }

  [[nodiscard]] std::string enqueue(const std::string& kind, const std::string& args) const {
    return std::string(ask({"jobs", "enqueue", kind, "--args", args}).at("id").as_string());
  }
  [[nodiscard]] std::string state_of(const std::string& job) const {
    return std::string(ask({"jobs", "show", job}).at("state").as_string());
  }

  start_options options;
};

} // namespace penstock::end_to_end
