#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace penstock::end_to_end {

using namespace std::chrono_literals;

/// How a program is started.
struct start_options {
  std::filesystem::path directory;                  ///< its working directory; what it prints is kept there
  std::map<std::string, std::string> environment{}; ///< all of it: nothing is inherited but PATH
};

/// A program that runs, killed when this goes.
class running_program {
public:
  running_program(std::vector<std::string> words, const start_options& options);
  ~running_program();
  running_program(const running_program&) = delete;
  running_program& operator=(const running_program&) = delete;

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  void signal(int number) const;
  /// The exit status, 128 + signal where that ended it; nothing while it runs longer than `limit`.
  [[nodiscard]] std::optional<int> wait(std::chrono::milliseconds limit);
  /// Whether its standard output holds the text within `limit`, while it runs.
  [[nodiscard]] bool prints(const std::string& text, std::chrono::milliseconds limit);
  [[nodiscard]] std::string out() const;
  [[nodiscard]] std::string err() const;

private:
  std::filesystem::path out_file_, err_file_;
  pid_t pid_ = -1;
  std::optional<int> status_;
};

struct ended_program {
  int status = -1; ///< -1: it did not end in time
  std::string out, err;
};

/// Runs it to its end.
[[nodiscard]] ended_program run_program(std::vector<std::string> words, const start_options& options,
                                        std::chrono::milliseconds limit = 60s);

/// Calls `happened` until it says yes or the time is over.
template <class Happened>
[[nodiscard]] bool eventually(std::chrono::milliseconds limit, Happened happened);

void pause_for(std::chrono::milliseconds length);

template <class Happened>
bool eventually(std::chrono::milliseconds limit, Happened happened) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!happened()) {
    if (std::chrono::steady_clock::now() > end)
      return false;
    pause_for(10ms);
  }
  return true;
}

} // namespace penstock::end_to_end
