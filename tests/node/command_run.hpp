#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include <gtest/gtest.h>

#include "core/manual_clock.hpp"
#include "node/commands/command_line.hpp"

namespace penstock::node {

struct command_result {
  int status = -1;
  std::string out, err;
};

/// Runs commands as the program does, in an empty working directory and an environment of their own.
class command_run : public testing::Test {
protected:
  command_run() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    directory_ = std::filesystem::path(testing::TempDir()) /
                 ("penstock_" + std::to_string(getpid()) + "_" + test->test_suite_name() + "_" + test->name());
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
  }
  ~command_run() override { std::filesystem::remove_all(directory_); }

  void write(const std::filesystem::path& name, std::string_view text) const {
    std::ofstream(directory_ / name, std::ios::binary) << text;
  }

  [[nodiscard]] command_result run(std::vector<std::string> words) {
    std::ostringstream out, err;
    config::surroundings here;
    here.working_directory = directory_;
    here.environment = environment;
    here.environment.try_emplace("HOME", directory_.string());
    here.host_name = "pump";
    session with{.out = out, .err = err, .clock = clock, .here = here};
    command_result told;
    told.status = run_command_line(std::move(words), with);
    told.out = out.str();
    told.err = err.str();
    return told;
  }

  manual_clock clock;
  std::map<std::string, std::string> environment;
  std::filesystem::path directory_;
};

} // namespace penstock::node
