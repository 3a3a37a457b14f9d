#include "tests/actors/deterministic_engine.hpp"

#include <algorithm>
#include <stdexcept>

#include <caf/atom.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include "actors/engine_kinds.hpp"

namespace penstock::actors::testing {
namespace {

template <class T>
T must(result<T> value) {
  if (!value)
    throw std::runtime_error(value.error().message);
  if constexpr (!std::is_void_v<T>)
    return std::move(*value);
}

struct quiet_test_config : caf::actor_system_config {
  quiet_test_config() {
    set("scheduler.policy", caf::atom("testing"));
    set("logger.file-verbosity", caf::atom("quiet"));
    set("logger.console-verbosity", caf::atom("quiet"));
  }
};

} // namespace

struct deterministic_engine::running_system {
  quiet_test_config config;
  caf::actor_system system{config};
  caf::scheduler::test_coordinator& scheduler = dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());

  running_system() { scheduler.clock().current_time += std::chrono::hours(1); } // zero has a meaning of its own
};

deterministic_engine::deterministic_engine() { spdlog::set_level(spdlog::level::off); }

deterministic_engine::~deterministic_engine() = default;

std::vector<connectors::connector> deterministic_engine::enabled_connectors() {
  std::vector<connectors::connector> enabled;
  enabled.push_back(test_connector(ran));
  return enabled;
}

engine_config deterministic_engine::config() const {
  engine_config made;
  made.concurrency = {{"default", 2}, {"fetch", 2}, {"process", 2}};
  made.detached = false;
  return made;
}

void deterministic_engine::start() {
  if (!database_) {
    catalogue_ = must(connectors::catalogue::build(enabled_connectors()));
    for (auto& kind : catalogue_.kinds())
      kinds_.add(std::move(kind));
    add_engine_kinds(kinds_);
    storage::database_settings settings;
    settings.url = "sqlite::memory:";
    storage::database_context context;
    context.clock = &clock;
    context.ids = &ids;
    context.kinds = &kinds_;
    context.tables = catalogue_.tables();
    context.migrations = catalogue_.migrations();
    context.secrets = &secrets;
    context.faults = this;
    database_ = dressed(must(storage::database::open(std::move(settings), std::move(context))));
    must(database_->migrate());
  }
  system_ = std::make_unique<running_system>();
  engine_parts parts;
  parts.database = database_.get();
  parts.connectors = &catalogue_;
  parts.kinds = &kinds_;
  parts.http = &http();
  parts.sleeper = &sleeper;
  parts.clock = &clock;
  parts.random = &random;
  parts.ids = &ids;
  parts.executor = network.executor();
  aut = must(engine::start(system_->system, parts, config()));
  reader_ = must(database_->open_reader());
  settle();
}

void deterministic_engine::kill() {
  if (!system_)
    return;
  // Messages on their way are lost with their receivers: nothing more is delivered but the exits.
  fault = [](std::string_view) { return error{error_code::storage_failed, "the process is dead"}; };
  if (aut) // else it did not start
    aut->send_exits();
  // What the dead one had posted must not begin in the next one's life.
  const auto polled = [this] {
    if (network.context().stopped())
      network.context().restart();
    return network.context().poll_one() > 0;
  };
  while (system_->scheduler.try_run_once() || polled()) {}
  aut.reset();
  reader_.reset();
  system_.reset();
  fault = nullptr;
}

void deterministic_engine::TearDown() {
  kill();
  database_.reset();
}

bool deterministic_engine::step() {
  auto& scheduler = system_->scheduler;
  const auto poll = [this] {
    if (network.context().stopped()) // it stops whenever it has run out of work
      network.context().restart();
    return network.context().poll_one() > 0;
  };
  if (turns) {
    auto& waiting = scheduler.jobs;
    if (waiting.size() > 1)
      std::rotate(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(uniform(*turns, waiting.size())),
                  waiting.end());
    if (uniform(*turns, 4) == 0 && poll())
      return true;
  }
  return scheduler.try_run_once() || poll();
}

void deterministic_engine::settle() {
  // A bound instead of a hang: a thousand times what any test needs.
  for (int steps = 0; steps < 1'000'000; ++steps)
    if (!step())
      return;
  FAIL() << "the engine does not come to rest";
}

void deterministic_engine::advance(duration total) {
  settle();
  for (duration gone{0}; gone < total;) {
    const auto slice = std::min<duration>(std::chrono::seconds(1), total - gone);
    pass(slice);
    settle();
    gone += slice;
  }
}

void deterministic_engine::pass(duration slice) {
  clock.advance(slice);
  sleeper.advance(slice);
  system_->scheduler.advance_time(slice);
}

result<unit_result> deterministic_engine::commit(unit_of_work unit) {
  std::optional<result<unit_result>> answer;
  aut->handles().commits->submit(std::move(unit),
                                 [&answer](result<unit_result> given) { answer = std::move(given); });
  settle();
  if (!answer)
    return failure(error_code::internal, "the commit was not answered");
  return std::move(*answer);
}

enqueued deterministic_engine::enqueue(job_request request) {
  unit_of_work unit;
  unit.jobs.push_back(std::move(request));
  auto answer = commit(std::move(unit));
  if (!answer) {
    ADD_FAILURE() << answer.error().message;
    return {};
  }
  return answer->jobs.front();
}

enqueued deterministic_engine::enqueue(const std::string& kind, std::string args) {
  job_request request;
  request.kind = kind;
  request.args = std::move(args);
  return enqueue(std::move(request));
}

job_record deterministic_engine::job(job_id id) {
  auto found = db().jobs().find(id);
  if (!found) {
    ADD_FAILURE() << found.error().message;
    return {};
  }
  return std::move(*found);
}

std::vector<std::string> deterministic_engine::event_types() {
  std::vector<std::string> types;
  auto events = db().events().list({}, 1000);
  if (!events) {
    ADD_FAILURE() << events.error().message;
    return types;
  }
  for (const auto& each : *events)
    types.push_back(each.type);
  return types;
}

std::optional<error> deterministic_engine::before(std::string_view call) { return fault ? fault(call) : std::nullopt; }

} // namespace penstock::actors::testing
