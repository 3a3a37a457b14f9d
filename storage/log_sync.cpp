#include "storage/log_sync.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <system_error>

#include "storage/sqlite_handle.hpp"
#include "storage/storage_exception.hpp"

namespace penstock::storage {

using namespace sqlite_api;

/// SQLite wants the memory of a file of its VFS from whoever opens one.
struct log_sync::log_file {
  explicit log_file(sqlite3* writer) {
    sqlite3_vfs* vfs = nullptr;
    sqlite3_file_control(writer, "main", SQLITE_FCNTL_VFS_POINTER, static_cast<void*>(&vfs));
    const char* path = sqlite3_filename_wal(sqlite3_db_filename(writer, "main"));
    memory =
      std::make_unique<std::max_align_t[]>(static_cast<std::size_t>(vfs->szOsFile) / sizeof(std::max_align_t) + 1);
    // As SQLite itself opens it: whoever may have made the file stores its name too, with the first sync.
    constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_WAL;
    if (vfs->xOpen(vfs, path, handle(), flags, nullptr) != SQLITE_OK) {
      close();
      throw storage_exception(
        error{error_code::storage_failed, "the database's log cannot be opened: " + std::string{path}},
        storage_blame::database);
    }
  }
  ~log_file() { close(); }
  log_file(const log_file&) = delete;
  log_file& operator=(const log_file&) = delete;

  void close() noexcept {
    if (handle()->pMethods)
      handle()->pMethods->xClose(handle());
  }
  std::string last_error() noexcept {
    int code = 0;
    handle()->pMethods->xFileControl(handle(), SQLITE_FCNTL_LAST_ERRNO, &code);
    return std::generic_category().message(code);
  }
  sqlite3_file* handle() noexcept { return reinterpret_cast<sqlite3_file*>(memory.get()); }

  std::unique_ptr<std::max_align_t[]> memory;
};

log_sync::log_sync(soci::session& writer) : file_(std::make_unique<log_file>(sqlite_handle(writer))) {}

log_sync::~log_sync() = default;

log_sync::commit::commit(log_sync* log) noexcept : log_(log) {
  if (log_)
    log_->begun_.fetch_add(1, std::memory_order_acq_rel);
}

log_sync::commit::~commit() {
  if (!log_)
    return;
  if (stored_)
    log_->finished_.store(log_->begun_.load(std::memory_order_relaxed), std::memory_order_release);
  else
    log_->withdraw();
}

/// Nothing of it can be seen: nobody needs to wait for it.
void log_sync::withdraw() noexcept {
  {
    const std::lock_guard lock(mutex_);
    begun_.store(finished_.load(std::memory_order_relaxed), std::memory_order_release);
  }
  advanced_.notify_all();
}

result<void> log_sync::intact() {
  if (!failed_)
    return {};
  const std::lock_guard lock(mutex_);
  return failure(error_code::storage_failed, "the disk did not take the database's log (" + why_ +
                                               "): what was stored last may be lost, and nobody was told of it");
}

result<void> log_sync::run() {
  const std::lock_guard alone(one_sync_);
  if (auto good = intact(); !good)
    return good;
  const auto covered = finished_.load(std::memory_order_acquire);
  if (covered == synced_.load(std::memory_order_relaxed))
    return {};
  auto* file = file_->handle();
  const bool done = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL) == SQLITE_OK;
  {
    const std::lock_guard lock(mutex_);
    if (done) {
      synced_.store(covered, std::memory_order_release);
    } else {
      why_ = file_->last_error();
      failed_ = true;
    }
  }
  advanced_.notify_all();
  return intact();
}

result<void> log_sync::await(duration patience) {
  // A commit that is under way may be seen already.
  const auto seen = begun_.load(std::memory_order_acquire);
  const auto reached = [&] { return synced_.load() >= std::min(seen, begun_.load()) || failed_; };
  if (!reached()) {
    std::unique_lock lock(mutex_);
    if (!advanced_.wait_for(lock, patience, reached))
      return failure(error_code::unavailable, "the disk did not take in time what was read");
  }
  if (failed_)
    return failure(error_code::unavailable, "the disk did not take what was read");
  return {};
}

} // namespace penstock::storage
