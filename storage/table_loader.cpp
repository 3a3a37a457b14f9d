#include "storage/table_loader.hpp"

#include <algorithm>
#include <optional>

#include "storage/node_membership.hpp"
#include "storage/portable_text.hpp"
#include "storage/postgresql_copy.hpp"
#include "storage/row_code.hpp"
#include "storage/sqlite_copy.hpp"
#include "storage/statement.hpp"
#include "storage/storage_exception.hpp"

namespace penstock::storage {
namespace {

constexpr std::int64_t rows_between_news = 10'000;

/// What was active belongs to this node: on SQLite the one that opens the database, on PostgreSQL one that lives no more.
constexpr std::int64_t former_node_of_shared = 1;

/// Of what lives in one database alone.
bool is_left_out(const std::string& table) {
  return table == "nodes" || table == "node_leases" || table == "event_positions";
}

std::size_t place_of(const stored_table& table, std::string_view column_name) {
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    if (table.columns[i].name == column_name)
      return i;
  throw storage_exception(error{error_code::storage_failed,
                                "the copy has no column " + std::string{column_name} + " in table " + table.name});
}

} // namespace

struct table_loader::target {
  stored_table table;
  bool left_out = false;
  std::size_t queue = 0, slot = 0, jobs = 0; ///< of table slots
  std::optional<sqlite_inserter> sqlite;
  std::optional<postgresql_inserter> postgresql;
  loaded* told = nullptr;
  std::string bytes;
};

table_loader::table_loader(session& db, copy_progress progress)
    : db_(db), shared_(db.sql_dialect().shared()), progress_(std::move(progress)) {
  for (auto& table : read_tables(db))
    known_.emplace(table.name, table);
}

table_loader::~table_loader() = default;

void table_loader::begin_table(const stored_table& table) {
  const auto known = known_.find(table.name);
  if (known == known_.end())
    throw storage_exception(error{error_code::bad_configuration,
                                  "the copy has a table " + table.name + ", which this program does not know"});
  for (const auto& each : table.columns)
    if (!known->second.has(each.name))
      throw storage_exception(
        error{error_code::bad_configuration,
              "the copy has a column " + each.name + " in table " + table.name + ", which this program does not know"});
  into_ = std::make_unique<target>();
  into_->table = table;
  into_->left_out = is_left_out(table.name);
  into_->told = &loaded_[table.name];
  for (const auto& each : table.columns)
    into_->told->columns.push_back(each.name);
  if (table.name == "slots") {
    into_->queue = place_of(table, "queue_id");
    into_->slot = place_of(table, "slot");
    into_->jobs = place_of(table, "jobs");
  }
  db_.execute("empty table", "DELETE FROM \"" + table.name + "\"");
  if (shared_)
    into_->postgresql.emplace(db_, table);
  else
    into_->sqlite.emplace(db_, table);
}

/// False: the row has no place here.
bool table_loader::adapt(table_row& row) {
  if (into_->left_out)
    return false;
  if (shared_)
    for (auto& value : row)
      if (auto* text = std::get_if<std::string>(&value))
        mend_text(*text);
  if (into_->table.name == "suspects")
    left_work_ = true;
  if (into_->table.name != "slots")
    return true;
  const auto* jobs = std::get_if<std::string>(&row[into_->jobs]);
  if (!jobs || jobs->empty())
    return false;
  left_work_ = true;
  const auto* queue = std::get_if<std::int64_t>(&row[into_->queue]);
  const auto first = shared_ ? former_node_of_shared * slots_a_node : 0;
  row[into_->slot] = first + slots_[queue ? *queue : 0]++;
  return true;
}

void table_loader::take(table_row& row) {
  if (!adapt(row))
    return;
  auto& sum = into_->told->sum;
  into_->bytes.clear();
  encode_row(row, into_->bytes);
  sum.add(into_->bytes);
  if (into_->sqlite)
    into_->sqlite->insert(row);
  else
    into_->postgresql->insert(row);
  if (sum.rows() % rows_between_news == 0 && progress_)
    progress_(into_->table.name, sum.rows());
}

void table_loader::end_table() {
  if (into_->postgresql)
    into_->postgresql->finish();
  if (progress_)
    progress_(into_->table.name, into_->told->sum.rows());
  into_.reset();
}

void table_loader::settle() {
  if (known_.contains("event_positions")) {
    db_.execute("empty event positions", "DELETE FROM event_positions");
    db_.execute("set event positions",
                "INSERT INTO event_positions (id, last) SELECT 1, COALESCE(MAX(position), 0) FROM events");
  }
  if (known_.contains("suspects") && known_.at("suspects").has("node"))
    db_.execute("give suspects to the former node",
                "UPDATE suspects SET node = " + std::to_string(shared_ ? former_node_of_shared : 0));
  if (!shared_)
    return;
  if (left_work_) {
    const auto number = std::to_string(former_node_of_shared);
    db_.execute("note the former node", "INSERT INTO nodes (number, name, epoch, last_commit) VALUES (" + number +
                                          ", 'before the copy', 0, 0)");
    db_.execute("note the former node's end",
                "INSERT INTO node_leases (number, expires_at) VALUES (" + number + ", 0)");
  }
  move_serials_on(db_);
}

void table_summer::begin_table(const stored_table& table) {
  sum_ = &found_[table.name];
  order_.clear();
  if (const auto expected = expected_.find(table.name); expected != expected_.end())
    for (const auto& column : expected->second.columns)
      order_.push_back(place_of(table, column));
}

void table_summer::take(table_row& row) {
  ordered_.clear();
  for (const auto at : order_)
    ordered_.push_back(std::move(row[at]));
  bytes_.clear();
  encode_row(ordered_, bytes_);
  sum_->add(bytes_);
}

void table_summer::end_table() { sum_ = nullptr; }

void table_summer::compare() const {
  for (const auto& [name, loaded] : expected_) {
    const auto found = found_.find(name);
    if (found == found_.end() || !(found->second == loaded.sum))
      throw storage_exception(error{error_code::storage_failed,
                                    "table " + name + " is not what was copied: " + std::to_string(loaded.sum.rows()) +
                                      " rows were, " +
                                      std::to_string(found == found_.end() ? 0 : found->second.rows()) +
                                      " are there; nothing was kept, begin again"});
  }
}

} // namespace penstock::storage
