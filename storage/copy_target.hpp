#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "storage/database.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// A database that is filled as a whole: nobody else works on it meanwhile, and what is there before the end is no database
/// that a node would take.
class copy_target {
public:
  virtual ~copy_target() = default;

  /// Errors as restore_backup's. `known`: all migrations of this program, whose tables it may drop.
  [[nodiscard]] static result<std::unique_ptr<copy_target>> open(const database_settings& to, bool force,
                                                                 const std::vector<migration>& known);

  [[nodiscard]] virtual session& db() noexcept = 0;
  /// Around all that is done to it. Where it takes the place of another, that one is there until the commit.
  virtual void begin() = 0;
  virtual void commit() = 0;
  virtual void rollback() noexcept = 0;
  /// It is whole: from now on it is the database of that name. Throws storage_exception.
  virtual void finish() = 0;
};

/// The kinds behind it.
[[nodiscard]] result<std::unique_ptr<copy_target>> open_sqlite_target(const std::string& file,
                                                                      const database_settings& to, bool force);
[[nodiscard]] result<std::unique_ptr<copy_target>> open_postgresql_target(const database_settings& to, bool force,
                                                                          const std::vector<migration>& known);

} // namespace penstock::storage
