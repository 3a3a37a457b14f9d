#include "storage/table_writer.hpp"

#include <boost/json.hpp>

#include "core/rfc3339.hpp"

namespace penstock::storage {
namespace {

namespace json = boost::json;

changed_row::action action_of(row_change change) {
  switch (change) {
    case row_change::added: return changed_row::action::added;
    case row_change::deleted: return changed_row::action::deleted;
    default: return changed_row::action::updated;
  }
}

json::value json_of(const column_value& value) {
  return std::visit(
    [](const auto& held) -> json::value {
      if constexpr (std::is_same_v<std::decay_t<decltype(held)>, std::monostate>)
        return nullptr;
      else
        return json::value(held);
    },
    value);
}

} // namespace

table_writer::table_writer(session& db, const table_schema& schema)
    : db_(db), schema_(schema), cells_(schema.columns.size()),
      insert_(db, "insert row of " + schema.name, insert_sql()),
      update_(db, "update row of " + schema.name,
              update_sql(", deleted_at = NULL", "(deleted_at IS NOT NULL OR " + differs() + ")")),
      mark_(db, "mark row of " + schema.name + " as deleted",
            update_sql(", deleted_at = :deleted", "deleted_at IS NULL")),
      amend_(db, "amend deleted row of " + schema.name,
             update_sql("", "deleted_at IS NOT NULL AND (" + differs() + ")")),
      raise_version_(db, "raise version in " + schema.name,
                     "UPDATE " + schema.name +
                       " SET source_version = :version WHERE integration_id = :integration "
                       "AND source_id = :source_id AND source_version < :newer"),
      find_version_(db, "find version in " + schema.name,
                    "SELECT source_version FROM " + schema.name +
                      " WHERE integration_id = :integration "
                      "AND source_id = :source_id" +
                      db.sql_dialect().for_update()) {
  for (std::size_t i = 0; i < cells_.size(); ++i)
    cells_[i].type = schema_.columns[i].type;
  insert_.in(integration_).in(source_id_).in(version_).in(now_).in(now_).in(deleted_at_);
  for (auto& each : cells_)
    each.bind(insert_);
  bind_update(update_, false, true);
  bind_update(mark_, true, false);
  bind_update(amend_, false, true);
  raise_version_.in(version_).in(integration_).in(source_id_).in(version_);
  find_version_.in(integration_).in(source_id_).out(stored_version_);
  if (db.sql_dialect().shared())
    arrays_ = std::make_unique<array_upserts>(db, schema);
}

void table_writer::bind_update(statement& sql, bool marks, bool compares) {
  sql.in(version_).in(now_);
  if (marks)
    sql.in(now_);
  for (auto& each : cells_)
    each.bind(sql);
  sql.in(integration_).in(source_id_).in(version_);
  if (compares)
    for (auto& each : cells_)
      each.bind(sql);
}

std::string table_writer::insert_sql() const {
  std::string names, values;
  for (const auto& column : schema_.columns) {
    names += ", " + column.name;
    values += ", :" + column.name + "_new";
  }
  return "INSERT INTO " + schema_.name +
         " (integration_id, source_id, source_version, first_seen_at, updated_at, deleted_at" + names +
         ") VALUES (:integration, :source_id, :version, :first_seen, :updated, :deleted" + values +
         ") ON CONFLICT (integration_id, source_id) DO NOTHING";
}

std::string table_writer::update_sql(const std::string& mark, const std::string& condition) const {
  std::string assignments;
  for (const auto& column : schema_.columns)
    assignments += ", " + column.name + " = :" + column.name + "_new";
  return "UPDATE " + schema_.name + " SET source_version = :version, updated_at = :updated" + mark + assignments +
         " WHERE integration_id = :integration AND source_id = :source_id AND source_version <= :newest AND " +
         condition;
}

std::string table_writer::differs() const {
  std::string text;
  for (const auto& column : schema_.columns)
    text += (text.empty() ? "" : " OR ") + column.name + " IS DISTINCT FROM :" + column.name + "_other";
  return text.empty() ? "FALSE" : text;
}

result<void> table_writer::check(const row_upserts& batch) const {
  for (const auto& row : batch.rows) {
    if (row.source_id.empty())
      return failure(error_code::invalid_argument, "a row of " + schema_.name + " has no source_id");
    if (row.values.size() != schema_.columns.size())
      return failure(error_code::invalid_argument, "row " + row.source_id + " of " + schema_.name + " has " +
                                                     std::to_string(row.values.size()) + " values for " +
                                                     std::to_string(schema_.columns.size()) + " columns");
    for (std::size_t i = 0; i < row.values.size(); ++i) {
      if (!fits(row.values[i], schema_.columns[i].type))
        return failure(error_code::invalid_argument, "row " + row.source_id + " of " + schema_.name +
                                                       " has a value of another type in column " +
                                                       schema_.columns[i].name);
    }
  }
  return {};
}

row_change table_writer::write_row(const synced_row& row) {
  source_id_ = row.source_id;
  version_ = row.version;
  for (std::size_t i = 0; i < cells_.size(); ++i)
    cells_[i].set(row.values[i]);
  const auto change = write_values(row.deleted);
  // The same content under a newer version: remembered, or an older change could still overwrite it.
  if (change == row_change::unchanged && version_ > 0)
    raise_version_.post();
  return change;
}

row_change table_writer::write_values(bool deleted) {
  if (!deleted) {
    deleted_at_.clear();
    if (insert_.run() == 1)
      return row_change::added;
    return update_.run() == 1 ? row_change::updated : row_change::unchanged;
  }
  if (mark_.run() == 1)
    return row_change::deleted;
  deleted_at_.set(now_);
  if (insert_.run() == 1)
    return row_change::deleted;
  return amend_.run() == 1 ? row_change::updated : row_change::unchanged;
}

row_counts table_writer::write(const row_upserts& batch, timestamp now, std::vector<row_mark>& changed) {
  row_counts counts;
  integration_ = batch.integration.value;
  now_ = micros(now);
  for (std::span<const synced_row> rest = batch.rows; !rest.empty();) {
    const auto written = write_some(rest);
    for (std::size_t i = 0; i < written.size(); ++i) {
      count(counts, written[i]);
      if (written[i] != row_change::unchanged)
        changed.push_back({&rest[i].source_id, action_of(written[i])});
    }
    rest = rest.subspan(written.size());
  }
  return counts;
}

std::span<const row_change> table_writer::write_some(std::span<const synced_row> rows) {
  if (arrays_ && rows.size() > 1 && !rows[0].deleted && !rows[1].deleted)
    if (const auto many = arrays_->together(rows); many > 1)
      return arrays_->write(rows.first(many), integration_, now_);
  one_ = write_row(rows.front());
  return {&one_, 1};
}

row_counts table_writer::write_and_tell(const row_upserts& batch, timestamp now,
                                        const std::function<void(row_difference)>& tell) {
  row_counts counts;
  integration_ = batch.integration.value;
  now_ = micros(now);
  for (const auto& row : batch.rows) {
    const auto before = stored_row(row);
    const auto change = write_row(row);
    count(counts, change);
    if (change != row_change::unchanged)
      tell(difference_of(before, row, change));
  }
  return counts;
}

row_difference table_writer::difference_of(const stored& before, const synced_row& row, row_change change) const {
  json::object old_values, new_values;
  for (std::size_t i = 0; i < schema_.columns.size(); ++i) {
    if (before.found && before.values[i] == row.values[i])
      continue;
    if (before.found)
      old_values[schema_.columns[i].name] = json_of(before.values[i]);
    new_values[schema_.columns[i].name] = json_of(row.values[i]);
  }
  if (before.deleted_at.has_value() && !row.deleted) {
    old_values["deleted_at"] = format_rfc3339(moment(before.deleted_at.value));
    new_values["deleted_at"] = nullptr;
  }
  row_difference difference{schema_.name, row.source_id, change == row_change::added, {}, {}};
  difference.deleted = change == row_change::deleted;
  if (before.found)
    difference.before = json::serialize(old_values);
  difference.after = json::serialize(new_values);
  return difference;
}

table_writer::stored table_writer::stored_row(const synced_row& row) {
  std::string names = "deleted_at";
  for (const auto& column : schema_.columns)
    names += ", " + column.name;
  std::vector<cell> cells(schema_.columns.size());
  statement find(db_, "read row of " + schema_.name,
                 "SELECT " + names + " FROM " + schema_.name +
                   " WHERE integration_id = :integration AND source_id = :source_id");
  stored read;
  source_id_ = row.source_id;
  find.in(integration_).in(source_id_).out(read.deleted_at);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    cells[i].type = schema_.columns[i].type;
    cells[i].bind_out(find);
  }
  read.found = find.one();
  if (read.found)
    for (const auto& each : cells)
      read.values.push_back(each.value());
  return read;
}

std::int64_t table_writer::version_of(integration_id integration, const std::string& source_id) {
  integration_ = integration.value;
  source_id_ = source_id;
  return find_version_.one() ? stored_version_ : 0;
}

} // namespace penstock::storage
