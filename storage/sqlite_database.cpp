#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include "storage/databases.hpp"
#include "storage/engine_schema.hpp"
#include "storage/group_commit.hpp"
#include "storage/key_check.hpp"
#include "storage/lock_file.hpp"
#include "storage/log_space.hpp"
#include "storage/log_sync.hpp"
#include "storage/log_watch.hpp"
#include "storage/log_writes.hpp"
#include "storage/migrator.hpp"
#include "storage/seam.hpp"
#include "storage/session.hpp"
#include "storage/sql_read_session.hpp"
#include "storage/sqlite_handle.hpp"
#include "storage/table_check.hpp"

namespace penstock::storage {
namespace {

// The writer moves pages by itself only when nobody called `checkpoint` for long: of 4 KiB, 256 MiB.
constexpr int log_pages_at_most = 65'536;

class sqlite_database final : public database {
public:
  sqlite_database(std::string file, const database_settings& settings, database_context context,
                  std::optional<lock_file> lock)
      : lock_(std::move(lock)), context_(std::move(context)), migrations_(all_migrations(context_.migrations)),
        in_memory_(file == ":memory:"), file_(file), log_bytes_(settings.log_bytes), synchronous_(settings.synchronous),
        dialect_(make_sqlite_dialect(std::move(file), settings)) {}

  /// Opens the writer's connection: what is wrong with the file shows here.
  result<void> connect() {
    return at_seam([&]() -> result<void> {
      writer_ = std::make_shared<session>(*dialect_, connection_role::writer, context_.faults);
      return migrator{*writer_, migrations_}.check();
    });
  }

  ~sqlite_database() override {
    // SQLite moves the log when the last connection closes: not after a sync that failed.
    if (log_ && !log_->intact())
      sqlite_api::sqlite3_db_config(sqlite_handle(writer_->raw()), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  }
  sqlite_database(const sqlite_database&) = delete;
  sqlite_database& operator=(const sqlite_database&) = delete;

  result<int> migrate() override {
    auto ran = migrator{*writer_, migrations_}.run(*context_.clock);
    if (!ran)
      return ran;
    return at_seam([&]() -> result<int> {
      if (auto complete = check_tables(*writer_, context_.tables); !complete)
        return failure(std::move(complete).error());
      if (!context_.secrets)
        return ran;
      if (auto fits = check_key(*writer_, *context_.secrets, context_.clock->now()); !fits)
        return failure(std::move(fits).error());
      return ran;
    });
  }

  result<std::unique_ptr<write_session>> open_writer() override {
    if (!in_memory_) {
      // What the last process wrote and could not sync, the kernel may take for written. It is moved and synced before
      // anything is built on it.
      if (auto moved = checkpoint(); !moved)
        return failure(std::move(moved).error());
      // Not before: SQLite removes a log that it finds beside an empty database.
      lay_out_log(file_, log_bytes_);
    }
    return at_seam([&]() -> result<std::unique_ptr<write_session>> {
      if (!watch_) {
        watch_.emplace(writer_->raw(), log_pages_at_most);
        writer_->take_turns(turn_);
      }
      if (!log_writes_ && !in_memory_)
        log_writes_ = std::make_unique<log_writes>(writer_->raw());
      if (!log_ && synchronous_ == synchronous_mode::full && !in_memory_)
        log_ = std::make_unique<log_sync>(writer_->raw());
      return std::make_unique<group_commit>(writer_, context_, nullptr, log_.get());
    });
  }

  result<std::unique_ptr<read_session>> open_reader() override {
    return at_seam([&]() -> result<std::unique_ptr<read_session>> {
      if (in_memory_)
        return make_read_session(*writer_, context_.secrets);
      return make_read_session(std::make_unique<session>(*dialect_, connection_role::reader, context_.faults),
                               context_.secrets, log_.get());
    });
  }

  bool single_session() const noexcept override { return in_memory_; }
  bool shared() const noexcept override { return false; }
  void tell_of_neighbours(neighbour_news) override {}
  void tell_neighbours(const std::vector<std::string>&) override {}

  log_level log() const noexcept override { return watch_ ? watch_->level() : log_level{}; }

  result<std::int64_t> checkpoint() override {
    if (in_memory_)
      return 0;
    // Not after a sync that failed: SQLite would copy pages that may never have reached the disk.
    if (log_)
      if (auto intact = log_->intact(); !intact)
        return failure(std::move(intact).error());
    return at_seam([&]() -> result<std::int64_t> {
      if (!upkeep_)
        upkeep_ = std::make_unique<session>(*dialect_, connection_role::upkeep, context_.faults);
      upkeep_->before("checkpoint");
      try {
        auto left = dialect_->checkpoint(upkeep_->raw());
        if (left > 0 || !watch_)
          return left; // somebody still reads what the file would lose
        // SQLite begins the log anew only where all of it has been moved, and a busy writer has added to it meanwhile.
        // That is moved between two of its transactions; so little that the next hardly waits.
        const std::lock_guard between_transactions(turn_);
        return dialect_->checkpoint(upkeep_->raw());
      } catch (...) {
        upkeep_->rethrow("checkpoint");
      }
    });
  }

private:
  const std::optional<lock_file> lock_; // first: connections are closed before the lock is given back
  const database_context context_;
  const std::vector<migration> migrations_;
  const bool in_memory_;
  const std::string file_;
  const std::int64_t log_bytes_;
  const synchronous_mode synchronous_;
  const std::unique_ptr<dialect> dialect_;
  std::mutex turn_; ///< held by the writer during each transaction
  std::shared_ptr<session> writer_;
  // Made with the writer, gone before its connection.
  std::optional<log_watch> watch_;
  std::unique_ptr<log_writes> log_writes_;
  std::unique_ptr<log_sync> log_;
  std::unique_ptr<session> upkeep_;
};

} // namespace

result<std::unique_ptr<database>> open_sqlite(std::string file, const database_settings& settings,
                                              database_context context) {
  std::optional<lock_file> lock;
  if (file != ":memory:") {
    auto taken = lock_file::take(file + ".lock");
    if (!taken)
      return failure(std::move(taken).error());
    lock = std::move(*taken);
  }
  auto opened = std::make_unique<sqlite_database>(std::move(file), settings, std::move(context), std::move(lock));
  if (auto connected = opened->connect(); !connected)
    return failure(std::move(connected).error());
  return opened;
}

} // namespace penstock::storage
