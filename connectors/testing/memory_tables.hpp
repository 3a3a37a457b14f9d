#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/connector.hpp"

struct sqlite3;

namespace penstock::connectors::testing {

/// A connector's tables in an SQLite database in memory, made by its migrations, so that its SQL is tried for real.
/// Writes rows by the store's rules (storage/table_writer.hpp): only what differs and is not older. What fails throws std::runtime_error.
class memory_tables {
public:
  explicit memory_tables(const connector& subject);
  ~memory_tables();
  memory_tables(const memory_tables&) = delete;
  memory_tables& operator=(const memory_tables&) = delete;

  row_counts upsert(const row_upserts& batch, timestamp now);
  void append(const row_appends& batch);
  [[nodiscard]] row_set select(const std::string& sql, const std::vector<column_value>& parameters = {}) const;

  /// Every row of a table but for when it was seen, in the order of its keys, as text: for comparing.
  /// `versions`: with the rows' versions, which the store raises when the same content is told under a newer one.
  [[nodiscard]] std::vector<std::string> dump(const std::string& table, bool versions = true) const;

private:
  [[nodiscard]] const table_schema& schema(std::string_view table) const;
  row_set run(const std::string& sql, const std::vector<column_value>& parameters) const;

  std::vector<table_schema> schemas_;
  std::unique_ptr<sqlite3, int (*)(sqlite3*)> database_;
};

} // namespace penstock::connectors::testing
