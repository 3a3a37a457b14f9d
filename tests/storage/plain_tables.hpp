#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/dialect.hpp"
#include "storage/session.hpp"
#include "storage/table_copy.hpp"

namespace penstock::storage {

/// A database as it is, without the store in front: a session on a dialect of its own.
struct plain_database {
  explicit plain_database(const std::string& url, connection_role role = connection_role::upkeep);
  std::unique_ptr<dialect> speaks;
  std::unique_ptr<session> db;
};

/// The value of a column in the n-th row, where a test cares; nothing: one that is made up.
using chosen_value =
  std::function<std::optional<column_value>(const std::string& table, const std::string& column, int n)>;

/// Puts `rows` made-up rows into each table that has none, all columns filled.
void fill_tables(session& db, int rows, const chosen_value& choose = {});

/// What stands in the tables: by table, each row as the text of its columns, sorted.
using table_texts = std::map<std::string, std::vector<std::map<std::string, std::string>>>;
[[nodiscard]] table_texts read_texts(session& db);

} // namespace penstock::storage
