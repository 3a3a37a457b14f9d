#include <csignal>
#include <cstdio>

#include "core/system_clock.hpp"
#include "sandbox/program/options.hpp"

namespace {

/// Signals that end the program are waited for, not caught: all other threads leave them alone.
sigset_t block_signals() {
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  // Whoever reads the standard output may have gone.
  std::signal(SIGPIPE, SIG_IGN);
  return ending;
}

} // namespace

int main(int argc, char** argv) {
  using namespace penstock;
  int exit_code = 0;
  auto settings = sandbox::read_options(argc, argv, exit_code);
  if (!settings)
    return exit_code;
  const auto ending = block_signals();
  const std::string host = settings->host;
  system_wall_clock clock;
  sandbox::sandbox_server server(std::move(*settings), clock, sandbox::make_stand_ins);
  const auto port = server.start();
  if (!port) {
    std::fprintf(stderr, "penstock-sandbox: %s\n", port.error().message.c_str());
    return port.error().code == error_code::unavailable ? 1 : 2;
  }
  std::printf("listening on %s:%u\n", host.c_str(), static_cast<unsigned>(*port));
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ending, &signal);
  server.stop();
  return 0;
}
