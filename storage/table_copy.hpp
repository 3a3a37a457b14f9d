#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "messages/row.hpp"
#include "storage/table_catalogue.hpp"

/// All that a database holds, on its way to a file or to another database: a table at a time, a row at a time, so that no
/// more than a few rows are in memory.
namespace penstock::storage {

using table_row = std::vector<column_value>; ///< in the order of its table's columns

/// What is said of the whole.
struct copy_facts {
  std::string version;                              ///< of the program
  std::string database;                             ///< "sqlite" or "postgresql"
  std::int64_t made_at = 0;                         ///< microseconds since the epoch
  std::string fingerprint{};                        ///< of the key that seals its secrets; empty: none is noted
  bool key_changes = false;                         ///< some may be sealed by a former one
  std::vector<std::pair<std::string, int>> steps{}; ///< the migrations that ran: owner and number
};

/// Takes what a source gives. Throws storage_exception for what it cannot take.
class table_taker {
public:
  virtual ~table_taker() = default;
  virtual void begin_table(const stored_table& table) = 0;
  virtual void take(table_row& row) = 0; ///< may move the values out
  virtual void end_table() = 0;
};

/// Gives one state of all tables but schema_migrations, which `facts` tells of. Throws storage_exception.
class table_source {
public:
  virtual ~table_source() = default;
  [[nodiscard]] virtual copy_facts facts() = 0;
  virtual void give_all(table_taker& taker) = 0;
};

/// How far a copy is: called for each table at its end, and now and then within it.
using copy_progress = std::function<void(const std::string& table, std::int64_t rows)>;

/// A sum over rows that does not depend on their order, and their number.
class row_sum {
public:
  /// `encoded` by row_code.hpp.
  void add(std::string_view encoded);
  [[nodiscard]] std::int64_t rows() const noexcept { return rows_; }
  [[nodiscard]] std::string text() const; ///< 32 hexadecimal digits
  friend bool operator==(const row_sum&, const row_sum&) = default;

private:
  std::int64_t rows_ = 0;
  std::uint64_t low_ = 0, high_ = 0;
};

} // namespace penstock::storage
