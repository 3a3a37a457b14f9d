#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/database.hpp"

namespace penstock::storage {

/// The kinds of databases behind database::open. `file` is a path or ":memory:".
[[nodiscard]] result<std::unique_ptr<database>> open_sqlite(std::string file, const database_settings& settings,
                                                            database_context context);
[[nodiscard]] result<std::unique_ptr<database>> open_postgresql(const database_settings& settings,
                                                                database_context context);

/// The file of an SQLite URL with an absolute path; nothing for others.
[[nodiscard]] std::optional<std::string> sqlite_file(std::string_view url);

/// The engine's migrations, then those that connectors contribute.
[[nodiscard]] std::vector<migration> all_migrations(const std::vector<migration>& contributed);

} // namespace penstock::storage
