#include "storage/upkeep_database.hpp"

#include <algorithm>
#include <filesystem>

#include "storage/copy_facts.hpp"
#include "storage/databases.hpp"
#include "storage/seam.hpp"
#include "storage/statement.hpp"
#include "storage/storage_exception.hpp"

namespace penstock::storage {
namespace {

constexpr int most_tries = 10;

result<void> require_current(const copy_facts& facts, const std::vector<migration>& known) {
  for (const auto& step : known)
    if (std::find(facts.steps.begin(), facts.steps.end(), std::pair{step.owner, step.number}) == facts.steps.end())
      return failure(error_code::bad_configuration,
                     "the database is older than this program: run 'penstock migrate', or start the node anew");
  if (facts.steps.size() > known.size())
    for (const auto& [owner, number] : facts.steps)
      if (owner == "engine" && std::none_of(known.begin(), known.end(), [number = number](const migration& step) {
            return step.owner == "engine" && step.number == number;
          }))
        return failure(error_code::bad_configuration, "the database was written by a later version: use that one");
  return {};
}

} // namespace

upkeep_database::~upkeep_database() = default;

result<std::unique_ptr<upkeep_database>> upkeep_database::open(const database_settings& settings,
                                                               const std::vector<migration>& contributed,
                                                               const wall_clock& clock) {
  return at_seam([&]() -> result<std::unique_ptr<upkeep_database>> {
    const auto file = sqlite_file(settings.url);
    std::error_code unknown;
    if (file && !std::filesystem::exists(*file, unknown))
      return failure(error_code::not_found, "there is no database " + *file);
    std::unique_ptr<upkeep_database> opened(new upkeep_database(clock));
    opened->dialect_ = file ? make_sqlite_dialect(*file, settings) : make_postgresql_dialect(settings);
    opened->db_ = std::make_unique<session>(*opened->dialect_, connection_role::upkeep, nullptr);
    if (file)
      opened->db_->execute("wait for the disk", "PRAGMA synchronous=FULL");
    if (auto current = require_current(read_copy_facts(*opened->db_), all_migrations(contributed)); !current)
      return failure(std::move(current).error());
    return opened;
  });
}

result<void> upkeep_database::in_transaction(const std::function<result<void>(session&)>& work) {
  return at_seam([&]() -> result<void> {
    for (int tries = 1;; ++tries) {
      try {
        db_->begin();
        auto done = work(*db_);
        if (done) {
          db_->commit();
          move_log();
        } else {
          db_->rollback();
        }
        return done;
      } catch (const storage_exception& thrown) {
        db_->rollback();
        // The node's own commits come between; each try waits for the lock as long as any connection does.
        const bool locked = thrown.problem().code == error_code::storage_busy;
        if ((thrown.blame() != storage_blame::moment && !locked) || tries == most_tries)
          throw;
      } catch (...) {
        db_->rollback();
        throw;
      }
    }
  });
}

void upkeep_database::move_log() noexcept {
  constexpr int often_enough = 50;
  if (dialect_->shared() || ++commits_ % often_enough != 0)
    return;
  try {
    static_cast<void>(dialect_->checkpoint(db_->raw()));
  } catch (const std::exception&) {
    // The next one may do it.
  }
}

void upkeep_database::note(std::string action, std::string subject) {
  // Nodes draw theirs under other numbers; two commands may fall into one moment.
  std::int64_t newest = 0, at = micros(clock_.now());
  statement last(*db_, "read newest audit", "SELECT COALESCE(MAX(id), 0) FROM audit_log");
  last.out(newest);
  last.one();
  std::int64_t id = std::max(ids_.next(), newest + 1);
  statement write(*db_, "note audit",
                  "INSERT INTO audit_log (id, at, actor, action, subject) VALUES (:id, :at, 'command line', :action, "
                  ":subject)");
  write.in(id).in(at).in(action).in(subject);
  write.run();
}

std::vector<std::string> upkeep_database::living_nodes() {
  std::vector<std::string> names;
  if (!dialect_->shared())
    return names;
  std::string name;
  statement read(*db_, "read living nodes",
                 "SELECT n.name FROM node_leases l JOIN nodes n ON n.number = l.number WHERE l.expires_at > "
                 "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) ORDER BY n.name");
  read.out(name);
  for (bool row = read.first(); row; row = read.next())
    names.push_back(name);
  return names;
}

} // namespace penstock::storage
