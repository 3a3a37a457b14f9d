#include "node/stop_signals.hpp"

#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <string_view>

#include "node/exit_status.hpp"

namespace penstock::node {
namespace {

sigset_t watched() {
  sigset_t set;
  sigemptyset(&set);
  for (const int each : {SIGTERM, SIGINT, SIGHUP, SIGUSR2})
    sigaddset(&set, each);
  return set;
}

/// Only calls that are safe in a signal handler (signal-safety(7)).
void end_now(int) {
  constexpr std::string_view line = "penstock: ended at once by a second signal\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
  ::_exit(exit_status::failed);
}

} // namespace

stop_signals::stop_signals() {
  const auto set = watched();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  // A reader of our output that went away must not end the node.
  std::signal(SIGPIPE, SIG_IGN);
}

stop_signals::~stop_signals() {
  // One that came when nobody waited any more is dropped by this (signal(7)): it must not end the process now.
  for (const int each : {SIGHUP, SIGUSR2})
    std::signal(each, SIG_IGN);
  const auto set = watched();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  for (const int each : {SIGHUP, SIGUSR2})
    std::signal(each, SIG_DFL);
}

stop_signals::kind stop_signals::wait() {
  const auto set = watched();
  for (;;) {
    int signal = 0;
    if (sigwait(&set, &signal) != 0)
      continue;
    if (woken_)
      return kind::woken;
    if (signal == SIGTERM || signal == SIGINT)
      return kind::stop;
    if (signal == SIGHUP)
      return kind::reload;
  }
}

void stop_signals::wake() noexcept {
  woken_ = true;
  ::kill(::getpid(), SIGUSR2);
}

void stop_signals::end_at_next() {
  struct sigaction action {};
  action.sa_handler = end_now;
  sigset_t set;
  sigemptyset(&set);
  for (const int each : {SIGTERM, SIGINT}) {
    sigaction(each, &action, nullptr);
    sigaddset(&set, each);
  }
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

} // namespace penstock::node
