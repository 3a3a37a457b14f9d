#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "config/load.hpp"

namespace penstock::config {

/// An empty directory of its own for each test, as the working directory of what is loaded.
class loading : public testing::Test {
protected:
  loading() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    directory_ = std::filesystem::path(testing::TempDir()) /
                 ("penstock_" + std::to_string(getpid()) + "_" + test->test_suite_name() + "_" + test->name());
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
    request.here.working_directory = directory_;
    request.here.environment["HOME"] = "/home/ann";
    request.here.host_name = "pump";
  }
  ~loading() override { std::filesystem::remove_all(directory_); }

  void write(const std::filesystem::path& name, std::string_view text) {
    std::filesystem::create_directories((directory_ / name).parent_path());
    std::ofstream(directory_ / name, std::ios::binary) << text;
  }

  /// The problems as lines; empty when all is well.
  [[nodiscard]] std::vector<std::string> problem_lines() const {
    std::vector<std::string> lines;
    if (const auto loaded = load(request); !loaded)
      for (const auto& each : loaded.error())
        lines.push_back(to_text(each));
    return lines;
  }

  [[nodiscard]] loaded_settings load_well() const {
    auto loaded = load(request);
    if (loaded)
      return *std::move(loaded);
    for (const auto& each : loaded.error())
      ADD_FAILURE() << to_text(each);
    return {};
  }

  load_request request;
  std::filesystem::path directory_;
};

/// A connector with a key of every type.
[[nodiscard]] inline section_declaration monzo_like() {
  return {
    .path = "connectors.monzo",
    .summary = "A bank.",
    .settings = {{.key = "client_id", .doc = "Of the app.", .environment = "MONZO_CLIENT_ID"},
                 {.key = "client_secret", .type = setting_type::secret, .environment = "MONZO_CLIENT_SECRET"},
                 {.key = "page", .type = setting_type::integer, .default_text = "100", .least = 1, .most = 200},
                 {.key = "pots", .type = setting_type::boolean, .default_text = "true"},
                 {.key = "sync.delay", .type = setting_type::duration, .default_text = "500ms"},
                 {.key = "room", .type = setting_type::size, .default_text = "1MB", .least = 1024, .most = 1 << 30},
                 {.key = "scopes", .type = setting_type::list, .default_text = "accounts, pots"}},
    .enabled_default = true};
}

/// A connector below which people name tables.
[[nodiscard]] inline std::vector<section_declaration> shops_like() {
  return {{.path = "connectors.shops", .summary = "Shops.", .settings = {{.key = "pace"}}, .enabled_default = true},
          {.path = "connectors.shops.*",
           .summary = "One shop.",
           .settings = {{.key = "base_url", .example = "https://shop.example.com"},
                        {.key = "token", .type = setting_type::secret},
                        {.key = "page", .type = setting_type::integer, .default_text = "100", .least = 1, .most = 200},
                        {.key = "fields", .type = setting_type::list}},
           .identifiers = true}};
}

} // namespace penstock::config
