#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/id_generator.hpp"
#include "core/time.hpp"
#include "messages/job_kind.hpp"
#include "messages/row.hpp"
#include "storage/fault_injector.hpp"
#include "storage/log_level.hpp"
#include "storage/migration.hpp"
#include "storage/secret_box.hpp"

namespace penstock::storage {

class write_session;
class read_session;

/// How often the database forces its log to disk. `full`: an answer after the commit survives a power cut. `normal`: the
/// last commits may be lost by a power cut (never by a crash of the process), the database stays sound.
enum class synchronous_mode : std::uint8_t { full, normal };

struct database_settings {
  /// "sqlite:///absolute/path.db", or "sqlite::memory:" for tests: one session that writes and reads; or
  /// "postgresql://user:password@host:port/database", which nodes may share.
  std::string url;
  synchronous_mode synchronous = synchronous_mode::full;
  /// How long a statement waits for another process's or node's lock.
  duration busy_timeout = std::chrono::seconds(5);
  /// Bytes of SQLite's log that are laid out on disk when the writer is opened (see log_space.hpp). 0: none.
  std::int64_t log_bytes = 0;
  /// PostgreSQL: how long this node counts as alive without a sign of life. Its jobs go to other nodes after that.
  duration lease = std::chrono::seconds(15);
};

/// What a node lays out: about as much as is written between two checkpoints.
inline constexpr std::int64_t usual_log_bytes = 64LL << 20;

/// What the store needs to know of the rest of the house. All of it outlives the database.
struct database_context {
  const wall_clock* clock = nullptr;
  id_generator* ids = nullptr;
  const job_kind_catalogue* kinds = nullptr;
  std::vector<table_schema> tables;    ///< contributed by connectors
  std::vector<migration> migrations;   ///< contributed by connectors, run after the engine's own
  const secret_box* secrets = nullptr; ///< seals credentials; without it they cannot be stored or read
  std::string node_name = "node";
  fault_injector* faults = nullptr; ///< tests only: asked before each storage call
};

/// What others who share the database do, told on a thread of the database's own.
struct neighbour_news {
  /// A node's lease is over: write_session::take_over finds what it left.
  std::function<void(std::int64_t node)> node_died;
  /// Work waits in these queues, or they were paused or resumed; empty: in any, for news may have been missed.
  std::function<void(std::vector<std::string> queues)> look_again;
};

/// One database, opened by one node. For SQLite a lock file beside the database keeps a second node away
/// (error_code::unavailable, naming the process that holds it); other processes may read.
class database {
public:
  /// Opens, creates what is missing, checks that the schema is not newer than this program.
  [[nodiscard]] static result<std::unique_ptr<database>> open(database_settings settings, database_context context);
  virtual ~database() = default;

  /// Runs what is missing of the engine's and the connectors' migrations, each in a transaction. How many ran.
  [[nodiscard]] virtual result<int> migrate() = 0;

  /// The one session that writes. Used by one thread at a time; blocks on disk.
  [[nodiscard]] virtual result<std::unique_ptr<write_session>> open_writer() = 0;

  /// A session that reads committed data. Used by one thread at a time. In memory it shares the writer's connection:
  /// then both must be used on one thread, and the writer must live longer.
  [[nodiscard]] virtual result<std::unique_ptr<read_session>> open_reader() = 0;

  /// Whether readers share the writer's connection (in memory).
  [[nodiscard]] virtual bool single_session() const noexcept = 0;

  /// Whether other nodes may have the same database open.
  [[nodiscard]] virtual bool shared() const noexcept = 0;

  /// Tells of other nodes from now on, until the database goes or is told to stop by empty functions. Does nothing
  /// where there can be none.
  virtual void tell_of_neighbours(neighbour_news listener) = 0;

  /// Tells the other nodes soon that work waits in these queues, or that they were paused or resumed. Thread-safe.
  virtual void tell_neighbours(const std::vector<std::string>& queues) = 0;

  /// How full the write-ahead log is. Thread-safe. Always empty where it is the server's own business.
  [[nodiscard]] virtual log_level log() const noexcept = 0;

  /// Moves the write-ahead log into the database file, on a connection of its own, so that no commit waits for it.
  /// Bytes that remained in the log. Called now and then, and at shutdown.
  [[nodiscard]] virtual result<std::int64_t> checkpoint() = 0;
};

} // namespace penstock::storage
