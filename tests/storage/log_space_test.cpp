#include "storage/log_space.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace penstock::storage {
namespace {

class log_space : public ::testing::Test {
protected:
  log_space() {
    std::string pattern = (std::filesystem::temp_directory_path() / "penstock-log-XXXXXX").string();
    folder = std::string{::mkdtemp(pattern.data())};
    database = (folder / "store.db").string();
    log = folder / "store.db-wal";
  }
  ~log_space() override { std::filesystem::remove_all(folder); }

  std::string content() const {
    std::ifstream file{log, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
  }

  std::filesystem::path folder, log;
  std::string database;
};

/// No file of this process may be longer, as long as this lives.
class length_limit {
public:
  explicit length_limit(rlim_t bytes) : signal_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit lower{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &lower);
  }
  ~length_limit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, signal_);
  }
  length_limit(const length_limit&) = delete;
  length_limit& operator=(const length_limit&) = delete;

private:
  rlimit before_{};
  void (*signal_)(int);
};

TEST_F(log_space, ZerosStandBehindWhatIsThere) {
  std::ofstream{log} << "frames";
  lay_out_log(database, 3'000'000);
  EXPECT_EQ(content(), "frames" + std::string(2'999'994, '\0'));
  lay_out_log(database, 1'000'000);
  EXPECT_EQ(std::filesystem::file_size(log), 3'000'000u) << "it is never made shorter";
}

TEST_F(log_space, WhatDoesNotFitIsGivenBack) {
  std::ofstream{log} << "frames";
  {
    const length_limit limit(1'500'000);
    lay_out_log(database, 3'000'000);
  }
  EXPECT_EQ(content(), "frames");
}

} // namespace
} // namespace penstock::storage
