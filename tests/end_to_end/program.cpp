#include "tests/end_to_end/program.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace penstock::end_to_end {
namespace {

std::string content(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (auto& each : texts)
    all.push_back(each.data());
  all.push_back(nullptr);
  return all;
}

std::string environment_or(const char* name, const char* absent) {
  const char* value = std::getenv(name);
  return value ? value : absent;
}

} // namespace

running_program::running_program(std::vector<std::string> words, const start_options& options) {
  static std::atomic<int> started{0};
  const auto number = std::to_string(++started);
  out_file_ = options.directory / ("out." + number);
  err_file_ = options.directory / ("err." + number);
  std::vector<std::string> environment{"PATH=" + environment_or("PATH", "/usr/bin:/bin"),
                                       "ASAN_OPTIONS=" + environment_or("ASAN_OPTIONS", ""),
                                       "UBSAN_OPTIONS=" + environment_or("UBSAN_OPTIONS", "")};
  for (const auto& [name, value] : options.environment)
    environment.push_back(name + "=" + value);
  auto arguments = pointers(words);
  auto variables = pointers(environment);
  const auto directory = options.directory.string();

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  constexpr int write_anew = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out_file_.c_str(), write_anew, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err_file_.c_str(), write_anew, 0600);
  posix_spawn_file_actions_addchdir_np(&actions, directory.c_str());
  const int problem =
    ::posix_spawn(&pid_, words.front().c_str(), &actions, nullptr, arguments.data(), variables.data());
  posix_spawn_file_actions_destroy(&actions);
  if (problem != 0)
    throw std::system_error(problem, std::generic_category(), "cannot start " + words.front());
}

running_program::~running_program() {
  if (status_)
    return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void running_program::signal(int number) const {
  if (!status_)
    ::kill(pid_, number);
}

std::optional<int> running_program::wait(std::chrono::milliseconds limit) {
  static_cast<void>(eventually(limit, [this] {
    int raw = 0;
    if (!status_ && ::waitpid(pid_, &raw, WNOHANG) == pid_)
      status_ = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
    return status_.has_value();
  }));
  return status_;
}

bool running_program::prints(const std::string& text, std::chrono::milliseconds limit) {
  const auto has = [&] { return out().find(text) != std::string::npos; };
  static_cast<void>(eventually(limit, [&] { return has() || wait(0ms).has_value(); }));
  return has();
}

std::string running_program::out() const { return content(out_file_); }
std::string running_program::err() const { return content(err_file_); }

ended_program run_program(std::vector<std::string> words, const start_options& options,
                          std::chrono::milliseconds limit) {
  running_program running(std::move(words), options);
  const auto status = running.wait(limit);
  return {status.value_or(-1), running.out(), running.err()};
}

void pause_for(std::chrono::milliseconds length) { std::this_thread::sleep_for(length); }

} // namespace penstock::end_to_end
