#pragma once

#include <atomic>
#include <cstdint>

#include <soci/soci.h>

#include "storage/log_level.hpp"

namespace penstock::storage {

/// Hears from SQLite how long its log is after each commit of one connection. `level` is thread-safe; the rest belongs
/// to the connection's thread.
class log_watch {
public:
  /// The connection outlives the watch. SQLite's own way to move the log by itself goes, since it hears in the same
  /// place: instead, the watch moves it when it holds `most_pages`.
  log_watch(soci::session& writer, int most_pages);
  ~log_watch();
  log_watch(const log_watch&) = delete;
  log_watch& operator=(const log_watch&) = delete;

  [[nodiscard]] log_level level() const noexcept;

private:
  soci::session& writer_;
  const int most_pages_;
  std::int64_t page_bytes_ = 0;
  std::atomic<std::uint64_t> commits_{0};
  std::atomic<std::int64_t> pages_{0};

  friend struct log_hook;
};

} // namespace penstock::storage
