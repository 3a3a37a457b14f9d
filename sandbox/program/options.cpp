#include "sandbox/program/options.hpp"

#include <cstdio>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "core/duration_text.hpp"
#include "core/rfc3339.hpp"

namespace penstock::sandbox {

namespace {

constexpr int wrong_usage = 2;

void duration_option(CLI::App& app, const std::string& name, duration& into, const std::string& help) {
  const auto read = [&into](const std::string& text) {
    const auto length = parse_duration(text);
    if (!length)
      throw CLI::ValidationError(length.error().message);
    into = *length;
  };
  app.add_option_function<std::string>(name, read, help)->type_name("DURATION")->default_str(format_duration(into));
}

void log_line(const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); }

} // namespace

std::optional<sandbox_settings> read_options(int argc, const char* const* argv, int& exit_code) {
  sandbox_settings out;
  bool is_logging = false;
  std::string consent = "auto", start;
  CLI::App app{"Plays the providers that Penstock talks to, over HTTP on loopback, with made-up data.",
               "penstock-sandbox"};
  app.add_option("--host", out.host, "IP address to listen on")->capture_default_str();
  app.add_option("--port", out.port, "Port; 0 for any free one, which is printed")->capture_default_str();
  app.add_option("--seed", out.data.seed, "The same seed makes the same data")->capture_default_str();
  app.add_option("--accounts", out.data.accounts, "Accounts of each user who consents")
    ->check(CLI::Range(0, 100'000))
    ->capture_default_str();
  app.add_option("--transactions", out.data.transactions, "Transactions of each account at the start")
    ->check(CLI::Range(0, 100'000'000))
    ->capture_default_str();
  app.add_option("--pots", out.data.pots, "Pots of each account at the start; the last of several is a deleted one")
    ->check(CLI::Range(1, 100))
    ->capture_default_str();
  app.add_option("--health-points", out.data.health_points, "Points that the phone has recorded at the start")
    ->check(CLI::Range(0, 100'000'000))
    ->capture_default_str();
  duration_option(app, "--health-every", out.data.health_every, "Between two exports of the phone");
  duration_option(app, "--history", out.data.history, "Time before the start over which they are spread");
  duration_option(app, "--change-every", out.data.change_every, "One change for each user; 0s: data never change");
  app.add_option("--start", start, "RFC 3339; data of a sandbox that started then (default: now)");
  duration_option(app, "--latency", out.latency, "Wait before each answer of a provider");
  app.add_option("--serve", out.served_folder, "Folder of recorded answers that come first: DIR/METHOD/path.json");
  app.add_option("--fault", out.faults, "KIND=RATE, like error_500=0.05; may be given again");
  app.add_option("--consent", consent, "auto: consent pages approve by themselves; manual: they have buttons")
    ->check(CLI::IsMember({"auto", "manual"}))
    ->capture_default_str();
  app.add_option("--users", out.oauth.users, "At most so many users consent; 0: each connection gets a new one")
    ->capture_default_str();
  duration_option(app, "--token-lifetime", out.oauth.token_lifetime, "Of access tokens");
  duration_option(app, "--code-lifetime", out.oauth.code_lifetime, "Of authorisation codes");
  duration_option(app, "--approve-after", out.oauth.approval_delay, "From consent until the token has rights");
  duration_option(app, "--sca-window", out.data.sca_window, "After consent, in which history beyond 90 days is given");
  app.add_option("--client-id", out.oauth.client_id, "The only client (default: any)");
  app.add_option("--client-secret", out.oauth.client_secret, "Its secret (default: the first that a client shows)");
  app.add_flag("--log", is_logging, "One line for each request, on standard error");
  try {
    app.parse(argc, argv);
    if (!start.empty()) {
      const auto moment = parse_rfc3339(start);
      if (!moment)
        throw CLI::ValidationError("--start: " + moment.error().message);
      out.start = *moment;
    }
  } catch (const CLI::ParseError& problem) {
    // Help is no error.
    exit_code = app.exit(problem, std::cout, std::cerr) == 0 ? 0 : wrong_usage;
    return {};
  }
  out.asks_for_consent = consent == "manual";
  if (is_logging)
    out.log = log_line;
  return out;
}

} // namespace penstock::sandbox
