#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/row.hpp"
#include "storage/migration.hpp"

/// Steps that make a table of what people describe. A description may change at any time, so no numbered list of steps
/// could tell what a database has: each thing is a step of its own owner, whose name says all of it.
namespace penstock::storage {

/// Makes the table with the columns that every synced table has, and `raw`.
[[nodiscard]] migration described_table(const std::string& table);
/// Adds one column. A column keeps its type: one of another type under its name is refused by the database.
[[nodiscard]] migration described_column(const std::string& table, const column& added);
/// The view v_TABLE with these expressions between source_id and raw: made anew whenever they change (see migrator.hpp).
[[nodiscard]] migration described_view(const std::string& table, const std::vector<std::string>& shown);
/// Forgets the versions of the rows that are there when `source`, which says where a row's version comes from, is another
/// text than before: versions of two sources cannot be compared, and the rows' next ones could all be smaller.
[[nodiscard]] migration described_versions(const std::string& table, const std::string& source);

/// Whether the engine's own schema has, or ever had, a table, view or index of this name, or a view `v_NAME`: nothing that
/// people describe may be called so.
[[nodiscard]] bool is_engine_name(std::string_view name);

/// The step that an owner's name tells of, for copies that hold what is not described any more; nothing: it is none of
/// these.
[[nodiscard]] std::optional<migration> described_step(const std::string& owner);

/// What people can do when the database refuses a step of theirs, as the end of a message; empty for other steps.
[[nodiscard]] std::string described_hint(const migration& step);

} // namespace penstock::storage
