#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include <soci/soci.h>

#include "core/error.hpp"
#include "core/time.hpp"

namespace penstock::storage {

/// Forces SQLite's log to disk apart from the commits, so that the next transaction runs while the disk works. COMMIT
/// itself waits for no disk then (synchronous=NORMAL, see SQLite's documentation of that pragma): what it stored may be
/// told to nobody before a sync that began after it.
///
/// After a sync that failed nobody can say what reached the disk: the kernel may have dropped what it could not write,
/// and the next sync succeed all the same. So all later ones fail too, and the node must end; the next start goes on
/// from what is there.
class log_sync {
public:
  /// Opens the log of `writer`'s database a second time, through the same VFS. The connection outlives it. Throws
  /// storage_exception.
  explicit log_sync(soci::session& writer);
  ~log_sync();
  log_sync(const log_sync&) = delete;
  log_sync& operator=(const log_sync&) = delete;

  /// On the writer's thread, around each COMMIT: `stored` once it has returned.
  class commit {
  public:
    explicit commit(log_sync* log) noexcept;
    ~commit();
    commit(const commit&) = delete;
    commit& operator=(const commit&) = delete;
    void stored() noexcept { stored_ = true; }

  private:
    log_sync* log_;
    bool stored_ = false;
  };

  /// Makes durable what was committed before. On any thread.
  [[nodiscard]] result<void> run();

  /// `storage_failed` since a sync failed: nothing may be built on the log any more, nor may it be moved. On any
  /// thread.
  [[nodiscard]] result<void> intact();

  /// Waits until a sync has covered all that can be seen now; `unavailable` if none does within `patience`. On any
  /// thread but the one that syncs.
  [[nodiscard]] result<void> await(duration patience);

private:
  struct log_file;

  void withdraw() noexcept;

  std::mutex one_sync_; ///< held while the disk works
  std::unique_ptr<log_file> file_;
  std::string why_; ///< a sync failed; under mutex_
  // Numbers of commits. One that is begun may be seen by readers at any moment; one that is finished, by a sync.
  std::atomic<std::uint64_t> begun_{0}, finished_{0}, synced_{0};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
  std::condition_variable advanced_; ///< synced_ grew, begun_ shrank or failed_ was set, under mutex_
};

} // namespace penstock::storage
