#include <algorithm>
#include <optional>
#include <set>

#include "storage/copy_target.hpp"
#include "storage/postgresql_server.hpp"
#include "storage/seam.hpp"
#include "storage/statement.hpp"
#include "storage/storage_exception.hpp"
#include "storage/table_catalogue.hpp"

namespace penstock::storage {
namespace {

/// What the program's migrations make, by the words of their statements.
std::set<std::string> made_tables(const std::vector<migration>& known) {
  constexpr std::string_view make = "CREATE TABLE ";
  std::set<std::string> made{"schema_migrations"};
  for (const auto& step : known)
    for (const auto& sql : step.statements)
      if (sql.starts_with(make))
        made.insert(sql.substr(make.size(), sql.find_first_of(" (", make.size()) - make.size()));
  return made;
}

bool is_filled_by_migrations(const std::string& table) {
  return table == "schema_migrations" || table == "event_positions" || table == "secret_keys";
}

bool holds_rows(session& db, const std::string& table) {
  std::int64_t found = 0;
  statement look(db, "look for rows", "SELECT CASE WHEN EXISTS (SELECT 1 FROM \"" + table + "\") THEN 1 ELSE 0 END");
  look.out(found);
  look.one();
  return found != 0;
}

void refuse_nodes(session& db) {
  std::int64_t living = 0;
  statement count(db, "count living nodes",
                  "SELECT COUNT(*) FROM node_leases WHERE expires_at > CAST(EXTRACT(EPOCH FROM clock_timestamp()) * "
                  "1000000 AS BIGINT)");
  count.out(living);
  count.one();
  if (living > 0)
    throw storage_exception(error{error_code::unavailable,
                                  "a node works on this database: stop all nodes first (one that was killed counts as "
                                  "alive for 15 seconds)"});
}

class postgresql_target final : public copy_target {
public:
  explicit postgresql_target(const database_settings& to) : dialect_(make_postgresql_dialect(to)) {
    db_.emplace(*dialect_, connection_role::upkeep, nullptr);
    db_->execute("take the time that it takes",
                 "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0");
  }

  result<void> check() { return check_postgresql_server(*db_); }

  /// In the transaction in which all comes: until its end the former tables are what others find.
  void make_room(bool force, const std::vector<migration>& known) {
    db_->begin_migration(); // a node that starts meanwhile waits
    const auto made = made_tables(known);
    auto tables = read_tables(*db_);
    std::erase_if(tables, [&](const stored_table& each) { return !made.contains(each.name); });
    if (!tables.empty() && find_table(tables, "schema_migrations") == nullptr)
      throw storage_exception(error{error_code::conflict, "the database has a table " + tables.front().name +
                                                            " of something else: give Penstock a schema of its own"});
    if (find_table(tables, "node_leases") != nullptr)
      refuse_nodes(*db_);
    for (const auto& table : tables)
      if (!force && !is_filled_by_migrations(table.name) && holds_rows(*db_, table.name))
        throw storage_exception(error{error_code::conflict, "the database is not empty (table " + table.name +
                                                              " has rows): give another, or empty it first"});
    for (const auto& table : tables)
      db_->execute("drop table", "DROP TABLE \"" + table.name + "\" CASCADE");
  }

  session& db() noexcept override { return *db_; }
  void begin() override {} // it was, when room was made
  void commit() override { db_->commit(); }
  void rollback() noexcept override { db_->rollback(); }
  void finish() override {}

private:
  const std::unique_ptr<dialect> dialect_;
  std::optional<session> db_;
};

} // namespace

result<std::unique_ptr<copy_target>> open_postgresql_target(const database_settings& to, bool force,
                                                            const std::vector<migration>& known) {
  return at_seam([&]() -> result<std::unique_ptr<copy_target>> {
    auto target = std::make_unique<postgresql_target>(to);
    if (auto fits = target->check(); !fits)
      return failure(std::move(fits).error());
    target->make_room(force, known);
    return target;
  });
}

} // namespace penstock::storage
