#include "node/commands/password_prompt.hpp"

#include <iostream>

#include <termios.h>
#include <unistd.h>

namespace penstock::node {
namespace {

/// The terminal shows nothing of what is typed as long as it lives.
class silent_terminal {
public:
  silent_terminal() {
    ::tcgetattr(STDIN_FILENO, &before_);
    auto silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  ~silent_terminal() { ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }
  silent_terminal(const silent_terminal&) = delete;
  silent_terminal& operator=(const silent_terminal&) = delete;

private:
  termios before_{};
};

std::string ask_once(std::ostream& prompts, const std::string& question) {
  prompts << question << ": " << std::flush;
  std::string typed;
  {
    const silent_terminal silent;
    std::getline(std::cin, typed);
  }
  prompts << '\n';
  return typed;
}

} // namespace

tl::expected<std::string, command_failure> ask_password(std::ostream& prompts, const std::string& of_whom) {
  std::string password;
  if (::isatty(STDIN_FILENO) != 0) {
    password = ask_once(prompts, of_whom);
    if (!password.empty() && ask_once(prompts, "the same again") != password)
      return give_up(exit_status::failed, "the two are not the same: nothing was changed");
  } else {
    std::getline(std::cin, password);
    if (!password.empty() && password.back() == '\r')
      password.pop_back();
  }
  if (password.empty())
    return give_up(exit_status::wrong_usage,
                   "no password was given: type it, or hand it on as a line of standard input");
  return password;
}

} // namespace penstock::node
