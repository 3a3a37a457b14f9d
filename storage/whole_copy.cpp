#include "storage/whole_copy.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "core/id_generator.hpp"
#include "core/rfc3339.hpp"
#include "storage/copy_facts.hpp"
#include "storage/copy_target.hpp"
#include "storage/databases.hpp"
#include "storage/described_table.hpp"
#include "storage/lock_file.hpp"
#include "storage/migrator.hpp"
#include "storage/postgresql_copy.hpp"
#include "storage/seam.hpp"
#include "storage/session.hpp"
#include "storage/sqlite_copy.hpp"
#include "storage/statement.hpp"
#include "storage/storage_exception.hpp"
#include "storage/table_loader.hpp"

namespace penstock::storage {
namespace {

/// A database that is read, as it is.
struct opened_source {
  std::unique_ptr<dialect> speaks;
  std::unique_ptr<session> db;
  std::unique_ptr<table_source> source;
};

result<opened_source> open_source(const database_settings& from) {
  opened_source opened;
  if (const auto file = sqlite_file(from.url)) {
    std::error_code unknown;
    if (!std::filesystem::exists(*file, unknown))
      return failure(error_code::not_found, "there is no database " + *file);
    opened.speaks = make_sqlite_dialect(*file, from);
    opened.db = std::make_unique<session>(*opened.speaks, connection_role::reader, nullptr);
    opened.source = make_sqlite_source(*opened.db, false);
  } else {
    opened.speaks = make_postgresql_dialect(from);
    opened.db = std::make_unique<session>(*opened.speaks, connection_role::upkeep, nullptr);
    opened.source = make_postgresql_source(*opened.db, true);
  }
  return opened;
}

/// The migrations that the copy has behind it, in their order.
result<std::vector<migration>> steps_of(const copy_facts& facts, const std::vector<migration>& known) {
  std::map<std::string, int> newest;
  for (const auto& step : known)
    newest[step.owner] = std::max(newest[step.owner], step.number);
  std::vector<migration> described;
  for (const auto& [owner, number] : facts.steps) {
    if (number == 0)
      continue; // made anew behind the rows
    const auto found = newest.find(owner);
    if (found == newest.end())
      if (auto step = described_step(owner)) {
        described.push_back(std::move(*step)); // nobody describes it any more: what it holds is kept
        continue;
      }
    if (found == newest.end())
      return failure(error_code::bad_configuration, "it has tables of the connector " + owner +
                                                      ", which is not enabled here: set connectors." + owner +
                                                      ".enabled = true");
    if (number > found->second)
      return failure(error_code::bad_configuration, "it was written by a later version (schema " + owner + " " +
                                                      std::to_string(number) + ", this program knows up to " +
                                                      std::to_string(found->second) + "): use that version");
  }
  std::vector<migration> steps;
  for (const auto& step : known)
    if (step.number != 0 &&
        std::find(facts.steps.begin(), facts.steps.end(), std::pair{step.owner, step.number}) != facts.steps.end())
      steps.push_back(step);
  // In the order of owners a table stands before its columns.
  std::move(described.begin(), described.end(), std::back_inserter(steps));
  return steps;
}

/// Who restores or moves a database says so in it.
void note_copy(session& db, const copy_request& request, std::string_view action, const copy_facts& facts) {
  id_generator ids(*request.clock, 0);
  std::int64_t id = ids.next(), at = micros(request.clock->now());
  std::string what{action}, subject = facts.database + " database of version " + facts.version;
  statement note(db, "note copy",
                 "INSERT INTO audit_log (id, at, actor, action, subject) VALUES (:id, :at, 'command line', :action, "
                 ":subject)");
  note.in(id).in(at).in(what).in(subject);
  note.run();
}

/// Subscribers of the former database know positions that this copy never gave. What comes now lies behind all of them, and
/// begins with an event that says why: none of them waits for what it takes for the past.
void tell_of_restore(session& db, const copy_request& request, const copy_facts& facts) {
  constexpr std::int64_t never_reached = 10'000'000'000; // positions given between a backup and its restoring
  id_generator ids(*request.clock, 0);
  std::int64_t last = 0, id = ids.next(), at = micros(request.clock->now());
  statement positions(db, "read last event", "SELECT COALESCE(MAX(position), 0) FROM events");
  positions.out(last);
  positions.one();
  last += never_reached;
  std::string data = boost::json::serialize(boost::json::object{
    {"backup_made_at", format_rfc3339(timestamp{duration{facts.made_at}})}, {"backup_version", facts.version}});
  statement tell(db, "tell of restore",
                 "INSERT INTO events (position, id, type, source, subject, time, data) VALUES (:position, :id, "
                 "'database.restored', 'penstock', 'database', :time, :data)");
  tell.in(last).in(id).in(at).in(data);
  tell.run();
  statement draw(db, "move event positions", "UPDATE event_positions SET last = :last");
  draw.in(last);
  draw.run();
}

/// The texts of a backup that was made while the key changes are sealed by two keys, and its facts name one.
result<void> require_one_key(const copy_facts& before, const copy_facts& now) {
  if (now.key_changes)
    return failure(error_code::conflict,
                   "a change of the key is under way, or was cut off: let 'penstock keys rotate' finish it, then make the "
                   "backup");
  if (before.fingerprint != now.fingerprint)
    return failure(error_code::conflict, "the key was changed meanwhile: make the backup again");
  return {};
}

bool knows_nodes(const copy_facts& facts) {
  constexpr int shared_databases = 20;
  return std::find(facts.steps.begin(), facts.steps.end(), std::pair{std::string{"engine"}, shared_databases}) !=
         facts.steps.end();
}

/// SQLite's rows as another database takes them.
class moved_source final : public table_source {
public:
  moved_source(session& db, std::string version)
      : source_(make_sqlite_source(db, true)), version_(std::move(version)) {}
  copy_facts facts() override {
    auto facts = source_->facts();
    facts.version = version_;
    return facts;
  }
  void give_all(table_taker& taker) override { source_->give_all(taker); }

private:
  const std::unique_ptr<table_source> source_;
  const std::string version_;
};

/// What the database it is to go into can take: before anything that is there is touched.
result<void> require_room_for(const copy_facts& facts, const std::vector<migration>& known,
                              const database_settings& to) {
  if (auto steps = steps_of(facts, known); !steps)
    return failure(std::move(steps).error());
  if (to.url.starts_with("postgres") && !knows_nodes(facts))
    return failure(
      error_code::bad_configuration,
      "it is of a version that knew no PostgreSQL: start a node of this version on SQLite with it once, then "
      "run 'penstock migrate-database'");
  return {};
}

/// The tables as the copy has them, its rows, and what this program has more.
result<void> fill_within(table_source& source, copy_target& target, const std::vector<migration>& steps,
                         const std::vector<migration>& known, const copy_request& request, copy_report& report) {
  if (auto made = migrator{target.db(), steps}.run_within(*request.clock); !made)
    return failure(std::move(made).error());
  {
    table_loader loader(target.db(), request.progress);
    source.give_all(loader);
    for (const auto& [name, loaded] : loader.tables()) {
      report.compared.push_back({name, loaded.sum.rows(), loaded.sum.text()});
      report.rows += loaded.sum.rows();
      ++report.tables;
    }
    if (target.db().sql_dialect().shared()) {
      table_summer there(loader.tables());
      make_postgresql_source(target.db(), false)->give_all(there);
      there.compare();
    }
    loader.settle();
  }
  auto more = migrator{target.db(), known}.run_within(*request.clock);
  if (!more)
    return failure(std::move(more).error());
  report.migrations = *more;
  return {};
}

result<copy_report> fill(table_source& source, copy_target& target, const std::vector<migration>& known,
                         const copy_request& request, std::string_view action, bool restored) {
  copy_report report{.facts = source.facts()};
  auto steps = steps_of(report.facts, known);
  if (!steps)
    return failure(std::move(steps).error());
  target.begin();
  try {
    if (auto filled = fill_within(source, target, *steps, known, request, report); !filled) {
      target.rollback();
      return failure(std::move(filled).error());
    }
    note_copy(target.db(), request, action, report.facts);
    if (restored)
      tell_of_restore(target.db(), request, report.facts);
    target.commit();
  } catch (...) {
    target.rollback();
    throw;
  }
  target.finish();
  return report;
}

} // namespace

result<copy_report> write_backup(const database_settings& from, const std::filesystem::path& file,
                                 const copy_request& request) {
  return at_seam([&]() -> result<copy_report> {
    auto opened = open_source(from);
    if (!opened)
      return failure(std::move(opened).error());
    copy_report report{.facts = opened->source->facts()};
    report.facts.version = request.version;
    report.facts.made_at = micros(request.clock->now());
    if (auto one = require_one_key(report.facts, report.facts); !one)
      return failure(std::move(one).error());
    backup_writer writer(file, report.facts, request.progress);
    opened->source->give_all(writer);
    if (auto one = require_one_key(report.facts, opened->source->facts()); !one)
      return failure(std::move(one).error());
    writer.finish();
    report.tables = writer.tables();
    report.rows = writer.rows();
    return report;
  });
}

result<copy_report> restore_backup(backup_reader& from, const database_settings& to, bool force,
                                   const copy_request& request) {
  const auto known = all_migrations(request.contributed);
  if (auto fits = require_room_for(from.facts(), known, to); !fits)
    return failure(std::move(fits).error());
  auto target = copy_target::open(to, force, known);
  if (!target)
    return failure(std::move(target).error());
  return at_seam(
    [&]() -> result<copy_report> { return fill(from, **target, known, request, "penstock restore", true); });
}

result<copy_report> migrate_database(const database_settings& from, const database_settings& to,
                                     const copy_request& request) {
  const auto file = sqlite_file(from.url);
  if (!file || sqlite_file(to.url))
    return failure(error_code::invalid_argument, "a database is moved from SQLite to PostgreSQL");
  std::error_code unknown;
  if (!std::filesystem::exists(*file, unknown))
    return failure(error_code::not_found, "there is no database " + *file);
  const auto lock = lock_file::take(*file + ".lock");
  if (!lock)
    return failure(lock.error());
  return at_seam([&]() -> result<copy_report> {
    auto opened = open_source(from);
    if (!opened)
      return failure(std::move(opened).error());
    const auto known = all_migrations(request.contributed);
    moved_source source(*opened->db, request.version);
    if (auto fits = require_room_for(source.facts(), known, to); !fits)
      return failure(std::move(fits).error());
    auto target = copy_target::open(to, false, known);
    if (!target)
      return failure(std::move(target).error());
    return fill(source, **target, known, request, "penstock migrate-database", false);
  });
}

result<std::unique_ptr<copy_target>> copy_target::open(const database_settings& to, bool force,
                                                       const std::vector<migration>& known) {
  if (const auto file = sqlite_file(to.url))
    return open_sqlite_target(*file, to, force);
  return open_postgresql_target(to, force, known);
}

} // namespace penstock::storage
