#include "node/commands/password_prompt.hpp"

#include <array>
#include <csignal>
#include <iostream>

#include <termios.h>
#include <unistd.h>

namespace penstock::node {
namespace {

volatile std::sig_atomic_t interrupted = 0;

extern "C" void remember_signal(int which) { interrupted = which; }

/// The terminal shows nothing of what is typed as long as it lives, and is itself again whatever ends the program.
class silent_terminal {
public:
  silent_terminal() {
    interrupted = 0;
    struct sigaction remember {};
    remember.sa_handler = remember_signal; // without SA_RESTART: a read that waits ends
    for (std::size_t i = 0; i < signals.size(); ++i)
      ::sigaction(signals[i], &remember, &before_[i]);
    is_terminal_ = ::tcgetattr(STDIN_FILENO, &shown_) == 0;
    if (!is_terminal_)
      return;
    auto silent = shown_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  ~silent_terminal() {
    if (is_terminal_)
      ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown_);
    for (std::size_t i = 0; i < signals.size(); ++i)
      ::sigaction(signals[i], &before_[i], nullptr);
    if (interrupted != 0)
      ::raise(interrupted); // now it does what it would have done
  }
  silent_terminal(const silent_terminal&) = delete;
  silent_terminal& operator=(const silent_terminal&) = delete;

private:
  static constexpr std::array<int, 3> signals{SIGINT, SIGTERM, SIGHUP};
  std::array<struct sigaction, 3> before_{};
  termios shown_{};
  bool is_terminal_ = false;
};

/// A line, without its end. Nothing where a signal came.
std::string read_line() {
  std::string typed;
  for (char c = 0; ::read(STDIN_FILENO, &c, 1) == 1 && c != '\n';)
    typed += c;
  return interrupted != 0 ? std::string() : typed;
}

std::string ask_once(std::ostream& prompts, const std::string& question) {
  prompts << question << ": " << std::flush;
  std::string typed;
  {
    const silent_terminal silent;
    typed = read_line();
  }
  prompts << '\n';
  return typed;
}

} // namespace

tl::expected<std::string, command_failure> ask_password(std::ostream& prompts, const std::string& of_whom) {
  return ask_secret(prompts, "password", of_whom);
}

tl::expected<std::string, command_failure> ask_secret(std::ostream& prompts, const std::string& what,
                                                      const std::string& question) {
  std::string secret;
  if (::isatty(STDIN_FILENO) != 0) {
    secret = ask_once(prompts, question);
    if (!secret.empty() && ask_once(prompts, "the same again") != secret)
      return give_up(exit_status::failed, "the two are not the same: nothing was changed");
  } else {
    std::getline(std::cin, secret);
    if (!secret.empty() && secret.back() == '\r')
      secret.pop_back();
  }
  if (secret.empty())
    return give_up(exit_status::wrong_usage,
                   "no " + what + " was given: type it, or hand it on as a line of standard input");
  return secret;
}

} // namespace penstock::node
