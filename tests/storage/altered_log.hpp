#pragma once

#include <sqlite3.h>

#include "storage/dialect.hpp"

namespace penstock::storage {

/// SQLite's own VFS for as long as this stands, but for what a test changes in the methods of logs. One at a time.
class altered_log {
public:
  using alteration = void (*)(sqlite3_io_methods& methods);

  explicit altered_log(alteration alter) {
    static_cast<void>(make_sqlite_dialect(":memory:", {})); // sets SQLite's threading before its first use
    alter_ = alter;
    plain_ = sqlite3_vfs_find(nullptr);
    layer_ = *plain_;
    layer_.zName = "altered_log";
    layer_.xOpen = [](sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* given) {
      const int code = plain_->xOpen(plain_, path, file, flags, given);
      if (file->pMethods && (flags & SQLITE_OPEN_WAL) != 0) {
        below_ = file->pMethods;
        methods_ = *file->pMethods;
        alter_(methods_);
        file->pMethods = &methods_;
      }
      return code;
    };
    sqlite3_vfs_register(&layer_, 1);
  }
  ~altered_log() {
    sqlite3_vfs_unregister(&layer_);
    sqlite3_vfs_register(plain_, 1);
  }
  altered_log(const altered_log&) = delete;
  altered_log& operator=(const altered_log&) = delete;

  /// What the altered methods hand on to.
  [[nodiscard]] static const sqlite3_io_methods& below() { return *below_; }

private:
  inline static alteration alter_ = nullptr;
  inline static sqlite3_vfs* plain_ = nullptr;
  inline static const sqlite3_io_methods* below_ = nullptr;
  inline static sqlite3_io_methods methods_{};
  sqlite3_vfs layer_{};
};

} // namespace penstock::storage
