#include "storage/log_watch.hpp"

#include "storage/sqlite_handle.hpp"

namespace penstock::storage {

struct log_hook {
  static int committed(void* watch, sqlite_api::sqlite3* connection, const char* schema, int pages) {
    auto& self = *static_cast<log_watch*>(watch);
    self.pages_.store(pages, std::memory_order_relaxed);
    self.commits_.fetch_add(1, std::memory_order_relaxed);
    // A log that cannot be moved now is moved at another commit; this one is stored.
    if (pages >= self.most_pages_)
      sqlite_api::sqlite3_wal_checkpoint_v2(connection, schema, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    return SQLITE_OK;
  }
};

log_watch::log_watch(soci::session& writer, int most_pages) : writer_(writer), most_pages_(most_pages) {
  writer_ << "PRAGMA page_size", soci::into(page_bytes_);
  sqlite_api::sqlite3_wal_hook(sqlite_handle(writer_), log_hook::committed, this);
}

log_watch::~log_watch() { sqlite_api::sqlite3_wal_hook(sqlite_handle(writer_), nullptr, nullptr); }

log_level log_watch::level() const noexcept {
  return {commits_.load(std::memory_order_relaxed), pages_.load(std::memory_order_relaxed) * page_bytes_};
}

} // namespace penstock::storage
