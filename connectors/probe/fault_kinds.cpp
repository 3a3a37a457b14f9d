// Kinds that misbehave on purpose.
#include <chrono>
#include <csignal>
#include <limits>
#include <string>
#include <utility>

#include <unistd.h>

#include "connectors/args_reader.hpp"
#include "connectors/probe/kinds.hpp"

namespace penstock::connectors::probe {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t longest_spin_ms = 3'600'000;

/// Nothing: no such class or code.
std::optional<error> wanted_error(const std::string& name) {
  error wanted;
  wanted.message = "probe.fail: failed as asked (" + name + ")";
  for (const auto named : {error_class::retryable, error_class::final, error_class::postponed})
    if (name == to_string(named)) {
      wanted.named_class = named;
      return wanted;
    }
  const auto code = parse_error_code(name);
  if (!code || *code == error_code::none)
    return {};
  wanted.code = *code;
  return wanted;
}

std::string all_classes() {
  std::string names = "retryable, final, postponed";
  for (int code = 1; code < static_cast<int>(error_code::code_count); ++code)
    names += ", " + std::string(to_string(static_cast<error_code>(code)));
  return names;
}

result<unit_of_work> run_fail(process_context& context) {
  constexpr std::int64_t always = std::numeric_limits<std::uint16_t>::max();
  args_reader args(context.job.kind, context.job.args, {"class", "times"});
  const auto name = args.text("class", "retryable");
  const auto times = args.integer("times", 0, always, always);
  auto wanted = wanted_error(name);
  if (!wanted)
    args.refuse("'class' must be one of " + all_classes());
  if (args.problem())
    return failure(*args.problem());
  const std::int64_t attempt = context.job.attempts + 1;
  if (attempt <= times) {
    context.log.warn("attempt " + std::to_string(attempt) + " fails as asked");
    return failure(std::move(*wanted));
  }
  context.log.info("attempt " + std::to_string(attempt) + " succeeds");
  return unit_of_work{};
}

result<unit_of_work> run_spin(process_context& context) {
  args_reader args(context.job.kind, context.job.args, {"ms"});
  const auto ms = args.integer("ms", 0, longest_spin_ms);
  if (args.problem())
    return failure(*args.problem());
  // The one kind that needs real time to pass: what it stands for is a thread that does.
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
  while (std::chrono::steady_clock::now() < end) {
  }
  return unit_of_work{};
}

result<unit_of_work> run_crash(process_context& context) {
  const args_reader args(context.job.kind, context.job.args, {});
  if (args.problem())
    return failure(*args.problem());
  ::kill(::getpid(), SIGKILL);
  return failure(error_code::internal, "probe.crash: the process survived SIGKILL");
}

job_kind process_on_default(std::string name) {
  job_kind kind;
  kind.name = std::move(name);
  kind.style = handler_style::process;
  return kind;
}

} // namespace

job_handler fail() {
  auto kind = process_on_default("probe.fail");
  kind.max_attempts = 3;
  kind.backoff = backoff_policy::fixed(100ms);
  return {std::move(kind), process_handler(run_fail)};
}

job_handler spin() {
  auto kind = process_on_default("probe.spin");
  kind.backoff = backoff_policy::fixed(100ms);
  return {std::move(kind), process_handler(run_spin)};
}

job_handler crash() { return {process_on_default("probe.crash"), process_handler(run_crash)}; }

} // namespace penstock::connectors::probe
