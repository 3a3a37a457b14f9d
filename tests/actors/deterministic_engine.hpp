#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_actor.hpp>
#include <gtest/gtest.h>

#include "actors/engine.hpp"
#include "connectors/catalogue.hpp"
#include "core/id_generator.hpp"
#include "core/manual_clock.hpp"
#include "core/random.hpp"
#include "net/io_runtime.hpp"
#include "net/manual_sleeper.hpp"
#include "net/scripted_http_client.hpp"
#include "storage/database.hpp"
#include "storage/fault_injector.hpp"
#include "storage/read_session.hpp"

namespace penstock::actors::testing {

/// The whole engine on one thread: actors on CAF's test scheduler, coroutines polled by hand, a manual clock, a scripted
/// provider, and a database in memory behind a seam for faults. Nothing happens unless the test says so.
///
/// Rules of the test scheduler: time moves in steps no larger than the shortest timer, and every actor must have ended
/// before the system goes (a timer that sets itself again would keep it alive for ever): `TearDown` sees to it.
class deterministic_engine : public ::testing::Test, public storage::fault_injector {
protected:
  deterministic_engine();
  ~deterministic_engine() override;
  void TearDown() override;

  /// What the node can do; called once, before the engine starts. The default has the kinds of `test_connector`.
  virtual std::vector<connectors::connector> enabled_connectors();
  virtual engine_config config() const;
  virtual net::http_client& http() { return provider; }
  /// The database that the engine gets instead of this one, for tests that put something in front of it.
  virtual std::unique_ptr<storage::database> dressed(std::unique_ptr<storage::database> plain) { return plain; }

  /// Starts the engine on the database, which outlives it: kill() and start() again is a crash and a restart. Throws
  /// what keeps it from starting.
  void start();
  /// The process dies: no message is delivered any more, nothing is said goodbye to.
  void kill();

  /// Delivers messages and polls coroutines until nothing is left to do. Time stands still.
  void settle();
  /// Delivers exactly one message or runs one ready coroutine step. False: nothing was left to do.
  bool step();
  /// Moves wall clock, timers and sleeping coroutines on, in steps of at most a second, settling after each.
  void advance(duration total);
  /// The same in one step of at most a second, and what it causes stays undelivered.
  void pass(duration slice);

  // The outside's view.
  result<unit_result> commit(unit_of_work unit);
  enqueued enqueue(job_request request);
  enqueued enqueue(const std::string& kind, std::string args = "{}");
  job_record job(job_id id);
  storage::read_session& db() { return *reader_; }
  /// Types of all stored events, in order.
  std::vector<std::string> event_types();

  std::optional<error> before(std::string_view call) override;

  manual_clock clock{timestamp(std::chrono::sys_days(std::chrono::year(2026) / 6 / 1)) + std::chrono::hours(12)};
  seeded_random random{42};
  id_generator ids{clock, 1};
  net::io_runtime network{0};
  net::manual_sleeper sleeper;
  net::scripted_http_client provider;
  storage::secret_box secrets = storage::secret_box::ephemeral();
  /// Asked before each storage call while set; an answer makes the call fail.
  std::function<std::optional<error>(std::string_view call)> fault;
  /// While set, it draws whose turn is next at each step: actors still get their messages in order. Else first come,
  /// first served, actors before coroutines.
  random_source* turns = nullptr;
  /// Names of jobs whose handlers ran, in order: "test.step" handlers note their `name` argument here.
  std::vector<std::string> ran;

  std::unique_ptr<engine> aut; ///< the engine under test

private:
  struct running_system;

  connectors::catalogue catalogue_;
  job_kind_catalogue kinds_;
  std::unique_ptr<storage::database> database_;
  std::unique_ptr<running_system> system_;
  std::unique_ptr<storage::read_session> reader_;
};

/// Kinds for tests of the engine itself:
/// test.step {"name": N} (process, brief) notes N; test.error {"code": C, "times": T} (process) fails while the attempt is
/// at most T; test.parent {"children": N} (process) enqueues N test.step children and awaits them; test.fetch (fetch)
/// GETs http://provider.test/page and hands the body on to test.page (process), which notes it.
/// test.borrow {"integration": ID} (fetch) notes that integration's token.
/// Service "test": one stream of one test.fetch.
[[nodiscard]] connectors::connector test_connector(std::vector<std::string>& ran);

} // namespace penstock::actors::testing
