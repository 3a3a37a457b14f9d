#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/time.hpp"
#include "storage/backup_file.hpp"
#include "storage/database.hpp"
#include "storage/table_copy.hpp"

/// A whole database in a file, from a file, or from SQLite to PostgreSQL. All of it blocks, with bounded memory.
namespace penstock::storage {

struct copy_report {
  copy_facts facts{}; ///< of what was copied
  std::int64_t tables = 0, rows = 0;
  /// Of each table, what was compared on both sides (migrate_database).
  struct table {
    std::string name;
    std::int64_t rows = 0;
    std::string sum;
  };
  std::vector<table> compared{};
  int migrations = 0; ///< that ran afterwards, because the copy was of an older version
};

struct copy_request {
  std::string version; ///< of the program
  const wall_clock* clock = nullptr;
  std::vector<migration> contributed{}; ///< by connectors; read_copy_facts names those that are needed
  copy_progress progress{};
};

/// While nodes work on the database, or without: what it held at one moment. SQLite's log grows meanwhile by what they
/// write. `not_found`: there is no such database.
[[nodiscard]] result<copy_report> write_backup(const database_settings& from, const std::filesystem::path& file,
                                               const copy_request& request);

/// Into an empty database, or with `force` in the place of what is there. `unavailable` while a node works on it, `conflict`
/// where it holds something, `bad_configuration` if the backup is of a later version or of a connector that is not enabled.
[[nodiscard]] result<copy_report> restore_backup(backup_reader& from, const database_settings& to, bool force,
                                                 const copy_request& request);

/// From SQLite, locked meanwhile, to an empty PostgreSQL database, in one transaction there: all or nothing. Errors as
/// above; `storage_failed` if what is there in the end is not what was sent.
[[nodiscard]] result<copy_report> migrate_database(const database_settings& from, const database_settings& to,
                                                   const copy_request& request);

} // namespace penstock::storage
