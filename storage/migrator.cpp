#include "storage/migrator.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "storage/described_table.hpp"
#include "storage/seam.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

constexpr std::string_view again = "{again}";

std::string step_of(const std::string& owner, int number) { return owner + " " + std::to_string(number); }

} // namespace

int migrator::last_run(const std::string& owner) {
  std::string name = owner;
  std::int64_t number = 0;
  statement sql{db_, "read migrations", "SELECT COALESCE(MAX(number), 0) FROM schema_migrations WHERE owner = :owner"};
  sql.in(name).out(number);
  sql.one();
  return static_cast<int>(number);
}

bool migrator::has_run(const migration& step) {
  std::string owner = step.owner, name;
  std::int64_t number = step.number;
  statement sql{db_, "look for migration",
                "SELECT name FROM schema_migrations WHERE owner = :owner AND number = :number"};
  sql.in(owner).in(number).out(name);
  return sql.one() && (step.number != 0 || name == step.name);
}

result<void> migrator::check_order() const {
  std::map<std::string, int> newest;
  for (const auto& step : known_)
    if (step.number != 0 && step.number <= std::exchange(newest[step.owner], step.number))
      return failure(error_code::bad_configuration,
                     "migration " + step_of(step.owner, step.number) + " is out of order: their numbers grow");
  return {};
}

void migrator::make_own_table() {
  db_.execute("create migrations",
              db_.sql_dialect().adapt("CREATE TABLE IF NOT EXISTS schema_migrations (owner TEXT NOT NULL, "
                                      "number INTEGER NOT NULL, name TEXT NOT NULL, applied_at BIGINT NOT NULL, "
                                      "PRIMARY KEY (owner, number))"));
}

result<void> migrator::check_newest() {
  std::map<std::string, int> newest;
  for (const auto& step : known_)
    newest[step.owner] = std::max(newest[step.owner], step.number);
  for (const auto& [owner, number] : newest)
    if (const auto stored = last_run(owner); stored > number)
      return failure(error_code::bad_configuration, "the database has schema " + step_of(owner, stored) +
                                                      ", this program knows up to " + step_of(owner, number) +
                                                      ": run the newer program that wrote it, or restore a backup");
  return {};
}

result<void> migrator::check() {
  if (auto ordered = check_order(); !ordered)
    return ordered;
  return at_seam([&]() -> result<void> {
    db_.begin_migration();
    try {
      make_own_table();
      db_.commit();
    } catch (...) {
      db_.rollback();
      throw;
    }
    return check_newest();
  });
}

result<bool> migrator::run_if_missing(const migration& step, timestamp now) {
  try {
    const bool missing = !has_run(step);
    if (missing)
      run_one(step, now);
    return missing;
  } catch (const storage_exception& refused) {
    auto problem = refused.problem();
    if (problem.code == error_code::storage_failed)
      problem.message += described_hint(step);
    return failure(std::move(problem));
  }
}

result<int> migrator::run(const wall_clock& clock) {
  if (auto fits = check(); !fits)
    return failure(std::move(fits).error());
  return at_seam([&]() -> result<int> {
    int ran = 0;
    for (const auto& step : known_) {
      // The transaction comes before the look: of two programs that start together, one waits and then finds it done.
      db_.begin_migration();
      try {
        const auto missing = run_if_missing(step, clock.now());
        if (!missing) {
          db_.rollback();
          return failure(missing.error());
        }
        db_.commit();
        ran += *missing ? 1 : 0;
      } catch (...) {
        db_.rollback();
        throw;
      }
    }
    return ran;
  });
}

result<int> migrator::run_within(const wall_clock& clock) {
  if (auto ordered = check_order(); !ordered)
    return failure(std::move(ordered).error());
  return at_seam([&]() -> result<int> {
    make_own_table();
    if (auto fits = check_newest(); !fits)
      return failure(std::move(fits).error());
    int ran = 0;
    for (const auto& step : known_) {
      const auto missing = run_if_missing(step, clock.now());
      if (!missing)
        return failure(missing.error());
      ran += *missing ? 1 : 0;
    }
    return ran;
  });
}

void migrator::run_one(const migration& step, timestamp now) {
  std::string owner = step.owner, name = step.name;
  std::int64_t number = step.number, at = micros(now), former = 0;
  if (step.number == 0) {
    statement forget{db_, "forget migration",
                     "DELETE FROM schema_migrations WHERE owner = :owner AND number = :number"};
    forget.in(owner).in(number);
    former = forget.run();
  }
  for (const auto& sql : step.statements) {
    const bool undoes = sql.starts_with(again);
    if (!undoes || former > 0)
      db_.execute("migration " + step_of(step.owner, step.number),
                  db_.sql_dialect().adapt(undoes ? sql.substr(again.size()) : sql));
  }
  statement done{
    db_, "note migration",
    "INSERT INTO schema_migrations (owner, number, name, applied_at) VALUES (:owner, :number, :name, :at)"};
  done.in(owner).in(number).in(name).in(at);
  done.run();
}

} // namespace penstock::storage
