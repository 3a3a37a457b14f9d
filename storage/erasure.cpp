#include "storage/erasure.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "core/unique_key.hpp"
#include "storage/ended_rows.hpp"
#include "storage/erased_schedules.hpp"
#include "storage/integration_rows.hpp"
#include "storage/job_row.hpp"
#include "storage/statement.hpp"
#include "storage/table_catalogue.hpp"
#include "storage/waiting_rows.hpp"

namespace penstock::storage {
namespace {

constexpr std::int64_t rows_a_transaction = 500, jobs_a_walk = 5'000;

/// Tables with an owner that a step of their own knows how to clear.
constexpr std::array<std::string_view, 9> special_tables{
  "access_tokens", "audit_log", "credentials", "due_integrations",      "events",
  "integrations",  "jobs",      "runs",        "triggered_integrations"};

class erasure {
public:
  erasure(upkeep_database& database, const erased_owner& owner, const erase_progress& progress)
      : database_(database), of_(owner), progress_(progress) {}

  result<std::int64_t> run() {
    auto done = until_empty("tokens", [&](session& db) {
      if (!of_.organisation)
        return std::int64_t{0};
      return erase_of(db, "access_tokens", "organisation_id", of_.organisation) + erase_sessions(db) +
             erase_of(db, "users", "organisation_id", of_.organisation);
    });
    if (done)
      done = of_.organisation ? all_integrations() : empty_integration(of_.integration);
    if (done && of_.organisation)
      done = until_empty("schedules", [&](session& db) { return erase_planned(db, of_); });
    if (done && of_.organisation)
      done = walk("jobs", [&](session& db, std::int64_t& after) { return erase_jobs_behind(db, after); });
    if (done && of_.organisation)
      done = until_empty("rows", [&](session& db) { return erase_tables(db, "organisation_id", of_.organisation); });
    if (done && of_.organisation)
      done = all_integrations(); // that somebody made meanwhile
    if (done)
      done = walk("events", [&](session& db, std::int64_t& after) { return erase_events(db, of_, after); });
    if (done)
      done = walk("audit", [&](session& db, std::int64_t& after) { return erase_audit(db, of_, after); });
    if (done)
      done = once("answers", [&](session& db) { return erase_answers(db, of_) + erase_limits(db, of_); });
    if (done)
      done = until_empty("its own row", [&](session& db) { return erase_own_row(db); });
    if (!done)
      return failure(std::move(done).error());
    return gone_;
  }

private:
  /// One transaction. How many rows it took.
  template <class Step>
  result<std::int64_t> commit(const std::string& place, Step step) {
    std::int64_t gone = 0;
    auto done = database_.in_transaction([&](session& db) -> result<void> {
      queue_counters counts(db);
      counts_ = &counts;
      gone = step(db);
      counts.flush();
      return {};
    });
    if (!done)
      return failure(std::move(done).error());
    gone_ += gone;
    if (progress_)
      progress_(place, gone_);
    return gone;
  }
  template <class Step>
  result<void> once(const std::string& place, Step step) {
    return commit(place, step).map([](std::int64_t) {});
  }
  template <class Step>
  result<void> until_empty(const std::string& place, Step step) {
    for (;;) {
      const auto gone = commit(place, step);
      if (!gone)
        return failure(gone.error());
      if (*gone == 0)
        return {};
    }
  }
  /// `step` moves on behind what it saw; 0 at the end.
  template <class Step>
  result<void> walk(const std::string& place, Step step) {
    for (std::int64_t after = 0, next = 0;; after = next) {
      const auto gone = commit(place, [&](session& db) {
        next = after;
        return step(db, next);
      });
      if (!gone)
        return failure(gone.error());
      if (next == 0)
        return {};
    }
  }

  static std::int64_t erase_of(session& db, const std::string& table, const std::string& column, std::int64_t id) {
    // The address of a row, which each database has by another name.
    const bool shared = db.sql_dialect().shared();
    const std::string chosen = "SELECT " + std::string{shared ? "ctid" : "rowid"} + " FROM \"" + table + "\" WHERE " +
                               column + " = :id LIMIT :limit";
    std::int64_t limit = rows_a_transaction;
    statement drop(db, "erase rows of " + table,
                   "DELETE FROM \"" + table + "\" WHERE " +
                     (shared ? "ctid = ANY(ARRAY(" + chosen + "))" : "rowid IN (" + chosen + ")"));
    drop.in(id).in(limit);
    return drop.run();
  }

  /// Before their users, through whom they are found.
  std::int64_t erase_sessions(session& db) {
    std::int64_t organisation = of_.organisation;
    statement drop(db, "erase sessions",
                   "DELETE FROM user_sessions WHERE user_id IN (SELECT id FROM users WHERE organisation_id = "
                   ":organisation)");
    drop.in(organisation);
    return drop.run();
  }

  /// Whatever has such a column, also of connectors that are not enabled any more.
  std::int64_t erase_tables(session& db, const std::string& column, std::int64_t id) {
    if (tables_.empty())
      tables_ = read_tables(db);
    std::int64_t gone = 0;
    for (const auto& table : tables_)
      if (table.has(column) &&
          std::find(special_tables.begin(), special_tables.end(), table.name) == special_tables.end())
        gone += erase_of(db, table.name, column, id);
    return gone;
  }

  result<void> all_integrations() {
    for (std::int64_t last = 0;;) {
      std::optional<std::int64_t> next;
      auto found = once("integrations", [&](session& db) {
        std::int64_t organisation = of_.organisation, after = last, id = 0;
        statement read(db, "next integration to erase",
                       "SELECT id FROM integrations WHERE organisation_id = :organisation AND id > :after ORDER BY id "
                       "LIMIT 1");
        read.in(organisation).in(after).out(id);
        next = read.one() ? std::optional{id} : std::nullopt;
        return std::int64_t{0};
      });
      if (!found || !next)
        return found;
      last = *next;
      if (auto emptied = empty_integration(last); !emptied)
        return emptied;
    }
  }

  /// All but its row.
  result<void> empty_integration(std::int64_t id) {
    const auto place = "integration " + std::to_string(id);
    auto done = once(place, [&](session& db) { return silence(db, {id}); });
    if (done)
      done = until_empty(place, [&](session& db) { return erase_planned(db, {0, id}); });
    if (done)
      done = until_empty(place, [&](session& db) { return erase_jobs(db, jobs_of(db, id)); });
    if (done)
      done = until_empty(place, [&](session& db) { return erase_runs(db, id); });
    if (done)
      done = until_empty(place, [&](session& db) {
        return erase_tables(db, "integration_id", id) + erase_of(db, "credentials", "integration_id", id);
      });
    if (done)
      done = until_empty(place, [&](session& db) { return erase_delivery_names(db, id); });
    if (done)
      done = once(place, [&](session& db) { return erase_answers(db, {0, id}) + erase_limits(db, {0, id}); });
    return done;
  }

  /// Nothing begins on it any more, and it says nothing.
  std::int64_t silence(session& db, integration_id id) {
    auto value = find_integration_row(db, id);
    if (!value)
      return 0;
    value->schedule.status = integration_status::disconnected;
    value->schedule.next_due_at = no_time;
    value->live_run = {};
    value->config = "{}";
    value->last_error.clear();
    update_integration_row(db, *value);
    return 0;
  }

  static std::vector<std::int64_t> jobs_of(session& db, std::int64_t integration) {
    std::vector<std::int64_t> found;
    std::int64_t id = 0, limit = rows_a_transaction;
    statement read(db, "jobs to erase",
                   "SELECT id FROM jobs WHERE integration_id = :integration ORDER BY id LIMIT :limit" +
                     db.sql_dialect().for_update());
    read.in(integration).in(limit).out(id);
    for (bool row = read.first(); row; row = read.next())
      found.push_back(id);
    return found;
  }

  std::int64_t erase_jobs(session& db, const std::vector<std::int64_t>& ids) {
    std::int64_t gone = 0;
    for (const auto id : ids) {
      const auto job = find_job_row(db, {id});
      if (!job)
        continue;
      if (job->state == job_state::waiting)
        remove_waiting(db, *job);
      forget_names(db, *job);
      remove_job(db, *counts_, {id, job->queue, job->state});
      ++gone;
    }
    return gone;
  }

  std::int64_t erase_planned(session& db, const erased_owner& owner) {
    return erase_schedules(db, owner, [&](const std::vector<std::int64_t>& ids) { return erase_jobs(db, ids); });
  }

  void forget_names(session& db, const job_row& job) {
    std::int64_t id = job.id.value, kind = job.kind;
    for (const auto* table : {"suspects", "schedule_jobs"}) {
      statement drop(db, "erase traces of job", std::string{"DELETE FROM "} + table + " WHERE job_id = :id");
      drop.in(id);
      drop.run();
    }
    if (job.unique_key.empty())
      return;
    std::string name;
    statement of_kind(db, "name of kind", "SELECT name FROM kinds WHERE id = :id");
    of_kind.in(kind).out(name);
    of_kind.one();
    auto key = unique_key_text(job.organisation, name, job.unique_key);
    statement drop(db, "erase unique key", "DELETE FROM unique_keys WHERE key = :key AND job_id = :id");
    drop.in(key).in(id);
    drop.run();
  }

  static std::int64_t erase_runs(session& db, std::int64_t integration) {
    std::vector<std::int64_t> found;
    std::int64_t id = 0, limit = rows_a_transaction;
    statement read(db, "runs to erase",
                   "SELECT id FROM runs WHERE integration_id = :integration ORDER BY id LIMIT :limit");
    read.in(integration).in(limit).out(id);
    for (bool row = read.first(); row; row = read.next())
      found.push_back(id);
    for (const auto each : found)
      remove_run(db, each);
    return std::ssize(found);
  }

  /// Jobs that name the organisation and no integration of it.
  std::int64_t erase_jobs_behind(session& db, std::int64_t& after) {
    std::vector<std::int64_t> found;
    std::int64_t id = 0, from = after, last = 0, seen = 0, limit = jobs_a_walk;
    nullable<std::int64_t> organisation;
    statement read(db, "walk jobs", "SELECT id, organisation_id FROM jobs WHERE id > :after ORDER BY id LIMIT :limit");
    read.in(from).in(limit).out(id).out(organisation);
    bool row = read.first();
    for (; row && std::ssize(found) < rows_a_transaction; row = read.next(), ++seen) {
      if (organisation.has_value() && organisation.value == of_.organisation)
        found.push_back(id);
      last = id;
    }
    if (row)
      read.finish();
    after = row || seen == limit ? last : 0;
    return erase_jobs(db, found);
  }

  std::int64_t erase_own_row(session& db) {
    if (!of_.organisation)
      return drop_integration(db, of_.integration);
    std::vector<std::int64_t> found;
    std::int64_t id = 0, organisation = of_.organisation, limit = rows_a_transaction, gone = 0;
    statement read(db, "integrations to erase",
                   "SELECT id FROM integrations WHERE organisation_id = :organisation ORDER BY id LIMIT :limit");
    read.in(organisation).in(limit).out(id);
    for (bool row = read.first(); row; row = read.next())
      found.push_back(id);
    for (const auto each : found)
      gone += drop_integration(db, each);
    if (gone > 0)
      return gone;
    return forget_due_rows(db, "organisation_id", of_.organisation) +
           erase_of(db, "access_tokens", "organisation_id", of_.organisation) +
           erase_of(db, "organisations", "id", of_.organisation);
  }

  /// With what a consent or a running request may have stored of it meanwhile.
  static std::int64_t drop_integration(session& db, std::int64_t id) {
    std::int64_t gone = 0;
    for (const auto* table : {"credentials", "stream_cursors"})
      gone += erase_of(db, table, "integration_id", id);
    return gone + forget_due_rows(db, "integration_id", id) + erase_of(db, "integrations", "id", id);
  }

  /// However they came there; few, and in tables that have no other address than their key.
  static std::int64_t forget_due_rows(session& db, const std::string& column, std::int64_t id) {
    std::int64_t gone = 0;
    for (const auto* table : {"due_integrations", "triggered_integrations"}) {
      statement drop(db, "erase due rows", std::string{"DELETE FROM "} + table + " WHERE " + column + " = :id");
      drop.in(id);
      gone += drop.run();
    }
    return gone;
  }

  upkeep_database& database_;
  const erased_owner of_;
  const erase_progress& progress_;
  std::vector<stored_table> tables_;
  queue_counters* counts_ = nullptr; ///< of the transaction in flight
  std::int64_t gone_ = 0;
};

} // namespace

result<std::int64_t> erase_owned(upkeep_database& database, const erased_owner& owner, const std::string& subject,
                                 const erase_progress& progress) {
  auto noted = database.in_transaction([&](session&) -> result<void> {
    database.note("penstock erase", subject);
    return {};
  });
  if (!noted)
    return failure(std::move(noted).error());
  std::int64_t all = 0;
  // What ran while it was removed may have stored something behind it: until there is nothing more to remove.
  constexpr int most_passes = 10;
  for (int pass = 0; pass < most_passes; ++pass) {
    const auto gone = erasure(database, owner, progress).run();
    if (!gone || *gone == 0)
      return gone.map([&](std::int64_t) { return all; });
    all += *gone;
  }
  return failure(error_code::conflict, "more of it comes all the time: stop what makes it, then erase again");
}

} // namespace penstock::storage
