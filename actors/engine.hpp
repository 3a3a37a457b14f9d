#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <caf/fwd.hpp>

#include "actors/commit_port.hpp"
#include "actors/queue_engine.hpp"
#include "connectors/catalogue.hpp"
#include "core/id_generator.hpp"
#include "messages/actors/events.hpp"
#include "messages/actors/integrations.hpp"
#include "messages/actors/supervisor.hpp"
#include "net/http_client.hpp"
#include "net/sleeper.hpp"
#include "storage/database.hpp"
#include "storage/write_session.hpp"

namespace penstock::actors {

/// What an engine is made of. All of it outlives the engine.
struct engine_parts {
  storage::database* database = nullptr; ///< opened and migrated
  const connectors::catalogue* connectors = nullptr;
  const job_kind_catalogue* kinds = nullptr; ///< the connectors' and the engine's (add_engine_kinds)
  net::http_client* http = nullptr;          ///< does not retry by itself
  net::sleeper* sleeper = nullptr;
  const wall_clock* clock = nullptr;
  random_source* random = nullptr; ///< thread-safe unless everything runs on one thread
  id_generator* ids = nullptr;
  net::asio::any_io_executor executor;
};

struct engine_config {
  /// Concurrency by queue name; others get `default_concurrency`.
  std::map<std::string, std::uint16_t> concurrency;
  /// What else holds for a queue: of its rules `limit`, `groups`, `timeout` and `max_attempts` are taken.
  std::map<std::string, queue_rules> rules;
  std::uint16_t default_concurrency = 4;
  std::size_t queue_window = 20'000;
  std::string public_url = "http://127.0.0.1:8080";
  /// What the addresses of webhooks begin with that are told to providers; empty: nobody outside can reach this node.
  std::string webhooks_at{};
  /// Threads of their own for store and processors. False in deterministic tests.
  bool detached = true;
  int readers = 2;
  /// The engine cannot go on: the node must end. Called on an actor's thread, or by `stop`. Absent: the log tells it.
  std::function<void(const std::string& reason)> fatal;
};

/// The handles that the outside works with.
struct engine_handles {
  store_writer_actor store;
  log_keeper_actor log_keeper;             ///< null where the writer itself waits for the disk
  std::vector<store_reader_actor> readers; ///< the last one is for people's questions: long reads stop no queue
  std::shared_ptr<commit_port> commits;
  event_bus_actor events;
  integration_directory_actor integrations;
  supervisor_actor supervisor;
};

/// The running engine: assembles the actors, and takes them apart in order. Used by one thread.
class engine {
public:
  /// Recovers what the last process left, then starts everything.
  [[nodiscard]] static result<std::unique_ptr<engine>> start(caf::actor_system& system, engine_parts parts,
                                                             engine_config config);
  /// Stops without patience if `stop` was not called.
  ~engine();

  [[nodiscard]] const engine_handles& handles() const noexcept { return handles_; }
  [[nodiscard]] const storage::recovery_report& recovery() const noexcept { return recovery_; }

  /// Ends the work: active jobs may finish for `patience`, the rest is handed back at no cost. Blocks, at most some
  /// seconds longer than that. How many jobs were handed back. `fatal` is called, on this thread, if what was stored
  /// last may be lost.
  std::uint64_t stop(duration patience);
  /// The same in two steps, for tests that deliver messages themselves: actors end when their mailboxes are worked off.
  void send_exits();

private:
  engine(caf::actor_system& system, engine_parts parts, engine_config config);
  result<void> prepare();
  void spawn_all();
  void watch_neighbours();
  void expect_in_order(const char* who, const caf::error& ended);

  caf::actor_system& system_;
  engine_parts parts_;
  engine_config config_;
  std::shared_ptr<storage::write_session> writer_;
  std::vector<std::shared_ptr<storage::read_session>> readers_;
  storage::recovery_report recovery_;
  std::set<std::string> paused_; ///< queues, when the engine started
  bool maintained_ = false;      ///< when the engine started
  engine_handles handles_;
  bool stopped_ = false;
};

} // namespace penstock::actors
