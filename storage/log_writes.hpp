#pragma once

#include <memory>

#include <soci/soci.h>

namespace penstock::storage {

/// Hands the pages of a commit to the file system in one write. SQLite itself makes two for each page of its log, one of
/// 24 bytes and one of the page, and where a system call is dear, as on virtual machines, they cost more than the rows.
///
/// What SQLite appends to the log is held until the page that ends the transaction is there; that write's error is the
/// error of COMMIT, as before. Until then nobody else reads these pages: the index of the log tells of them afterwards.
/// On the writer's thread. Of a connection with synchronous=NORMAL: with FULL SQLite may repeat the last page to fill a sector.
class log_writes {
public:
  /// Stands between SQLite and the log of `writer`, a connection in WAL mode that was used before. Is gone before it.
  explicit log_writes(soci::session& writer);
  ~log_writes();
  log_writes(const log_writes&) = delete;
  log_writes& operator=(const log_writes&) = delete;

private:
  struct layer;
  std::unique_ptr<layer> layer_;
};

} // namespace penstock::storage
