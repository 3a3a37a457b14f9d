#include "storage/database_examination.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>

#include "core/id_generator.hpp"
#include "storage/copy_facts.hpp"
#include "storage/databases.hpp"
#include "storage/postgresql_server.hpp"
#include "storage/sealed_columns.hpp"
#include "storage/seam.hpp"
#include "storage/session.hpp"
#include "storage/sqlite_handle.hpp"
#include "storage/statement.hpp"
#include "storage/table_catalogue.hpp"

namespace penstock::storage {
namespace {

using steady = std::chrono::steady_clock;

constexpr std::int64_t sealed_values_tried = 20;

int is_over(void* end) { return steady::now() > *static_cast<const steady::time_point*>(end) ? 1 : 0; }

void look_for_damage(session& db, duration limit, database_examination& found) {
  auto end = steady::now() + limit;
  constexpr int steps_between_looks = 10'000;
  sqlite_api::sqlite3_progress_handler(sqlite_handle(db.raw()), steps_between_looks, is_over, &end);
  try {
    std::string told;
    statement check(db, "look for damage", "PRAGMA quick_check(1)");
    check.out(told);
    if (check.one() && told != "ok")
      found.damage = told;
  } catch (const storage_exception&) {
    if (steady::now() <= end)
      throw;
    found.looked_through = false;
  }
  sqlite_api::sqlite3_progress_handler(sqlite_handle(db.raw()), 0, nullptr, nullptr);
}

void compare_steps(const copy_facts& facts, const std::vector<migration>& known, database_examination& found) {
  std::map<std::string, int> newest;
  for (const auto& step : known) {
    newest[step.owner] = std::max(newest[step.owner], step.number);
    if (std::find(facts.steps.begin(), facts.steps.end(), std::pair{step.owner, step.number}) == facts.steps.end())
      ++found.missing_steps;
  }
  for (const auto& [owner, number] : facts.steps)
    if (const auto own = newest.find(owner); own != newest.end() && number > own->second)
      found.later_step = owner + " " + std::to_string(number);
}

void try_key(session& db, const secret_box& secrets, const copy_facts& facts, database_examination& found) {
  if (!facts.fingerprint.empty())
    found.key_fits = secrets.knows(facts.fingerprint);
  for (const auto& column : sealed_columns()) {
    std::int64_t owner = 0, limit = sealed_values_tried;
    std::string text;
    statement read(db, "read sealed texts",
                   std::string{"SELECT "} + column.owner + ", " + column.value + " FROM " + column.table + " WHERE " +
                     column.value + " IS NOT NULL ORDER BY " + column.key + " DESC LIMIT :limit");
    read.in(limit).out(owner).out(text);
    for (bool row = read.first(); row; row = read.next()) {
      ++found.tried;
      if (!secrets.open_sealed(text, column.purpose_of(owner)))
        ++found.unreadable;
    }
  }
  if (!found.key_fits && found.tried > 0)
    found.key_fits = found.unreadable < found.tried;
}

void read_newest(session& db, database_examination& found) {
  std::int64_t id = 0;
  statement newest(db, "read newest job", "SELECT COALESCE(MAX(id), 0) FROM jobs");
  newest.out(id);
  if (newest.one() && id > 0)
    found.newest =
      id_generator::epoch + std::chrono::milliseconds(id >> (id_generator::node_bits + id_generator::sequence_bits));
}

void ask_server(session& db, const wall_clock& clock, database_examination& found) {
  std::int64_t server = 0;
  statement now(db, "read the server's clock",
                "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)");
  now.out(server);
  const auto before = clock.now();
  now.one();
  const auto after = clock.now();
  found.ahead = before + (after - before) / 2 - moment(server);
}

void count_nodes(session& db, database_examination& found) {
  statement count(db, "count living nodes",
                  "SELECT COUNT(*) FROM node_leases WHERE expires_at > CAST(EXTRACT(EPOCH FROM clock_timestamp()) * "
                  "1000000 AS BIGINT)");
  count.out(found.living_nodes);
  count.one();
}

} // namespace

result<database_examination> examine_database(const database_settings& settings,
                                              const std::vector<migration>& contributed, const secret_box* secrets,
                                              const wall_clock& clock, duration limit) {
  return at_seam([&]() -> result<database_examination> {
    const auto file = sqlite_file(settings.url);
    std::error_code unknown;
    if (file && !std::filesystem::exists(*file, unknown))
      return failure(error_code::not_found, "there is no database " + *file + " yet: the first start makes it");
    const auto speaks = file ? make_sqlite_dialect(*file, settings) : make_postgresql_dialect(settings);
    session db(*speaks, file ? connection_role::reader : connection_role::upkeep, nullptr);
    database_examination found;
    if (!file) {
      if (auto fits = check_postgresql_server(db); !fits)
        return failure(std::move(fits).error());
      found.looked_through = false;
      ask_server(db, clock, found);
      const auto tables = read_tables(db);
      if (std::none_of(tables.begin(), tables.end(), [](const auto& each) { return each.name == "schema_migrations"; }))
        return failure(error_code::not_found, "there are no tables yet: the first start makes them");
    } else {
      look_for_damage(db, limit, found);
    }
    const auto facts = read_copy_facts(db);
    compare_steps(facts, all_migrations(contributed), found);
    if (secrets)
      try_key(db, *secrets, facts, found);
    read_newest(db, found);
    constexpr int shared_databases = 20;
    if (!file && std::find(facts.steps.begin(), facts.steps.end(),
                           std::pair{std::string{"engine"}, shared_databases}) != facts.steps.end())
      count_nodes(db, found);
    return found;
  });
}

} // namespace penstock::storage
