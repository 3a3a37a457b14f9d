#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>

#include "storage/copy_target.hpp"
#include "storage/lock_file.hpp"
#include "storage/seam.hpp"
#include "storage/storage_exception.hpp"

namespace penstock::storage {
namespace {

[[noreturn]] void fail(const std::string& what, int reason) {
  throw storage_exception(error{reason == ENOSPC ? error_code::storage_full : error_code::storage_failed,
                                what + ": " + std::generic_category().message(reason)});
}

void make_durable(const std::string& path, int flags) {
  const int opened = ::open(path.c_str(), flags | O_CLOEXEC);
  const bool durable = opened >= 0 && ::fsync(opened) == 0;
  const int reason = errno;
  if (opened >= 0)
    ::close(opened);
  if (!durable)
    fail("cannot write " + path, reason);
}

void remove_all_of(const std::string& file) {
  for (const auto* ending : {"", "-wal", "-shm", "-journal"}) {
    std::error_code ignored;
    std::filesystem::remove(file + ending, ignored);
  }
}

/// A file of another name, which takes the database's at the end.
class sqlite_target final : public copy_target {
public:
  sqlite_target(std::string file, const database_settings& to, lock_file lock)
      : lock_(std::move(lock)), to_(to), file_(std::move(file)), draft_(file_ + ".restoring") {
    remove_all_of(draft_); // of one that was cut off
    dialect_ = make_sqlite_dialect(draft_, to);
    db_.emplace(*dialect_, connection_role::writer, nullptr);
    // Whatever happens to it before it is whole, it is thrown away.
    db_->execute("copy without a log", "PRAGMA journal_mode=OFF");
    db_->execute("copy without waiting", "PRAGMA synchronous=OFF");
  }
  ~sqlite_target() override {
    db_.reset();
    remove_all_of(draft_);
  }

  session& db() noexcept override { return *db_; }
  void begin() override { db_->execute("begin", "BEGIN IMMEDIATE"); }
  void commit() override { db_->execute("commit", "COMMIT"); }
  void rollback() noexcept override { db_->rollback(); }

  void finish() override {
    db_->execute("use a log again", "PRAGMA journal_mode=WAL");
    db_.reset();
    make_durable(draft_, O_RDWR);
    // A log of the former database must not be taken for one of this, and nothing of that one may be in its log alone: it
    // stands whole until this one has its name.
    if (std::filesystem::exists(file_ + "-wal"))
      empty_log();
    for (const auto* ending : {"-wal", "-shm"}) {
      std::error_code problem;
      std::filesystem::remove(file_ + ending, problem);
      if (problem)
        fail("cannot remove the log of the former database", problem.value());
    }
    make_durable(std::filesystem::path{file_}.parent_path().string(), O_RDONLY | O_DIRECTORY);
    if (std::rename(draft_.c_str(), file_.c_str()) != 0)
      fail("cannot give the database its name", errno);
    make_durable(std::filesystem::path{file_}.parent_path().string(), O_RDONLY | O_DIRECTORY);
  }

private:
  /// One that is damaged, which may be why this is restored, keeps what it can.
  void empty_log() {
    try {
      const auto former = make_sqlite_dialect(file_, to_);
      session db{*former, connection_role::writer, nullptr};
      db.execute("empty the former log", "PRAGMA wal_checkpoint(TRUNCATE)");
    } catch (const std::exception&) {}
  }

  const lock_file lock_;
  const database_settings to_;
  const std::string file_, draft_;
  std::unique_ptr<dialect> dialect_;
  std::optional<session> db_;
};

} // namespace

result<std::unique_ptr<copy_target>> open_sqlite_target(const std::string& file, const database_settings& to,
                                                        bool force) {
  auto lock = lock_file::take(file + ".lock");
  if (!lock)
    return failure(std::move(lock).error());
  std::error_code unknown;
  if (!force && std::filesystem::exists(file, unknown))
    return failure(error_code::conflict,
                   "there is a database " + file + " already: move it away, or say --force to lose what it holds");
  return at_seam([&]() -> result<std::unique_ptr<copy_target>> {
    return std::make_unique<sqlite_target>(file, to, std::move(*lock));
  });
}

} // namespace penstock::storage
