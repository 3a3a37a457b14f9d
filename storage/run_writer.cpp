#include "storage/run_writer.hpp"

#include <boost/json.hpp>

#include "core/id_text.hpp"
#include "core/rfc3339.hpp"
#include "storage/child_counters.hpp"
#include "storage/integration_rows.hpp"
#include "storage/job_ties.hpp"
#include "storage/statement.hpp"
#include "storage/waiting_rows.hpp"

namespace penstock::storage {
namespace {

struct find_run {
  std::int64_t key = 0, id = 0, integration = 0, root = 0, state = 0, reauth = 0, dry = 0;
  nullable<std::string> error;
  statement sql;
  find_run(session& db, std::string name, const std::string& condition)
      : sql(db, std::move(name),
            "SELECT id, integration_id, root_job_id, state, reauth, error, dry FROM runs WHERE " + condition +
              db.sql_dialect().for_update()) {
    sql.in(key).out(id).out(integration).out(root).out(state).out(reauth).out(error).out(dry);
  }
  std::optional<run_row> look_up(std::int64_t wanted) {
    key = wanted;
    if (!sql.one())
      return std::nullopt;
    return run_row{{id},        {integration},      {root},  static_cast<run_state>(state),
                   reauth != 0, error.value_or(""), dry != 0};
  }
};
struct find_run_by_id : find_run {
  explicit find_run_by_id(session& db) : find_run(db, "find run", "id = :id") {}
};
struct find_run_by_root : find_run {
  explicit find_run_by_root(session& db)
      : find_run(db, "find run of root", "root_job_id = :root AND state = 0 ORDER BY id DESC LIMIT 1") {}
};

struct insert_run {
  std::int64_t id = 0, integration = 0, root = 0, started = 0, dry = 0;
  nullable<std::string> triggered_by;
  statement sql;
  explicit insert_run(session& db)
      : sql(db, "insert run",
            "INSERT INTO runs (id, integration_id, root_job_id, state, rows_added, rows_updated, rows_unchanged, "
            "rows_deleted, rows_errors, pages, reauth, triggered_by, started_at, dry) VALUES (:id, :integration, "
            ":root, 0, 0, 0, 0, 0, 0, 0, 0, :triggered_by, :started, :dry)") {
    sql.in(id).in(integration).in(root).in(triggered_by).in(started).in(dry);
  }
};

struct tie_root {
  std::int64_t run = 0, integration = 0, root = 0;
  statement sql;
  explicit tie_root(session& db)
      : sql(db, "tie root job",
            "UPDATE jobs SET run_id = :run, integration_id = :integration, ties = ties | " +
              std::to_string(job_ties::run) + " WHERE id = :root") {
    sql.in(run).in(integration).in(root);
  }
};

struct add_to_run {
  row_counts rows;
  std::int64_t pages = 0, id = 0;
  statement sql;
  explicit add_to_run(session& db)
      : sql(db, "add to run",
            "UPDATE runs SET rows_added = rows_added + :added, rows_updated = rows_updated + :updated, "
            "rows_unchanged = rows_unchanged + :unchanged, rows_deleted = rows_deleted + :deleted, "
            "rows_errors = rows_errors + :errors, pages = pages + :pages WHERE id = :id") {
    sql.in(rows.added).in(rows.updated).in(rows.unchanged).in(rows.deleted).in(rows.errors).in(pages).in(id);
  }
};

struct note_run_failure {
  std::string message;
  std::int64_t reauth = 0, id = 0;
  statement sql;
  explicit note_run_failure(session& db)
      : sql(
          db, "note failure of run",
          "UPDATE runs SET error = COALESCE(error, :message), reauth = CASE WHEN reauth <> 0 OR :asks = 0 THEN reauth "
          "WHEN error IS NULL THEN 2 ELSE 1 END WHERE id = :id AND state = 0") {
    sql.in(message).in(reauth).in(id);
  }
};

struct end_run {
  std::int64_t state = 0, ended = 0, id = 0;
  statement sql;
  explicit end_run(session& db)
      : sql(db, "end run", "UPDATE runs SET state = :state, ended_at = :ended WHERE id = :id") {
    sql.in(state).in(ended).in(id);
  }
};

struct read_run_rows {
  std::int64_t id = 0, pages = 0;
  row_counts rows;
  statement sql;
  explicit read_run_rows(session& db)
      : sql(db, "read rows of run",
            "SELECT rows_added, rows_updated, rows_unchanged, rows_deleted, rows_errors, pages FROM runs WHERE id = "
            ":id") {
    sql.in(id).out(rows.added).out(rows.updated).out(rows.unchanged).out(rows.deleted).out(rows.errors).out(pages);
  }
};

} // namespace

result<run_id> run_writer::start(const start_run& change) {
  auto about = find_integration_row(state_.db, change.integration);
  if (!about)
    return failure(error_code::not_found, "there is no integration " + to_string(change.integration));
  if (about->live_run) {
    const auto live = find(about->live_run);
    if (live && live->state == run_state::running) {
      if (live->id == change.id && live->root == change.root)
        return change.id;
      return failure(error_code::conflict, "run " + to_string(live->id) + " of integration " +
                                             to_string(change.integration) + " is still open");
    }
  }
  if (change.id && find(change.id))
    return failure(error_code::conflict, "there was a run " + to_string(change.id) + " already");
  if (!change.dry && about->schedule.status != integration_status::processing) {
    auto moved = triggered(about->schedule, state_.now, true);
    if (!moved)
      return failure(std::move(moved).error());
    about->schedule = *moved;
  }

  const auto id = change.id ? change.id : state_.house.ids->make<run_id>();
  auto& tie = state_.db.query<tie_root>();
  tie.run = id.value;
  tie.integration = change.integration.value;
  tie.root = change.root.value;
  tie_waiting(state_.db, change.root);
  if (tie.sql.run() == 0)
    return failure(error_code::not_found, "there is no job " + to_string(change.root) + " to be the run's root");
  auto& insert = state_.db.query<insert_run>();
  insert.id = id.value;
  insert.integration = change.integration.value;
  insert.root = change.root.value;
  insert.started = micros(state_.now);
  insert.triggered_by.set_or_null(change.triggered_by);
  insert.dry = change.dry ? 1 : 0;
  insert.sql.post();
  about->live_run = id;
  about->updated_at = state_.now;
  update_integration_row(state_.db, *about);
  return id;
}

std::optional<run_row> run_writer::find(run_id id) { return state_.db.query<find_run_by_id>().look_up(id.value); }

std::optional<run_row> run_writer::find_by_root(job_id root) {
  return state_.db.query<find_run_by_root>().look_up(root.value);
}

void run_writer::add(run_id id, const row_counts& rows, std::int64_t pages) {
  auto& query = state_.db.query<add_to_run>();
  query.rows = rows;
  query.pages = pages;
  query.id = id.value;
  query.sql.post();
}

void run_writer::note_failure(run_id id, const error& failure) {
  auto& query = state_.db.query<note_run_failure>();
  query.message = failure.message;
  query.reauth = failure.code == error_code::requires_reauth ? 1 : 0;
  query.id = id.value;
  query.sql.post();
}

void run_writer::end(const run_row& row, job_state root_state) {
  const auto counts = read_child_counts(state_.db, row.root);
  const auto ended = derive_run_state(root_state, {counts.completed, counts.failed, counts.cancelled});
  auto& query = state_.db.query<end_run>();
  query.state = static_cast<std::int64_t>(ended);
  query.ended = micros(state_.now);
  query.id = row.id.value;
  query.sql.post();
  end_integration(row, ended);
}

void run_writer::end_integration(const run_row& row, run_state ended) {
  auto about = find_integration_row(state_.db, row.integration);
  if (!about || about->live_run != row.id)
    return;
  about->live_run = {};
  about->updated_at = state_.now;
  if (row.dry) {
    // The due check may have asked for a run meanwhile, which was not started beside this one.
    if (about->schedule.status == integration_status::processing)
      about->schedule = run_lost(about->schedule, state_.now);
    update_integration_row(state_.db, *about);
    return;
  }
  const bool failed = ended == run_state::failed || row.reauth;
  const auto before = about->schedule.status;
  const auto failures_before = about->schedule.consecutive_failures;
  if (ended == run_state::cancelled)
    about->schedule = run_cancelled(about->schedule, state_.now);
  else if (failed)
    about->schedule = run_failed(about->schedule, state_.now, row.reauth);
  else
    about->schedule = run_succeeded(about->schedule, state_.now);
  if (ended != run_state::cancelled)
    about->last_error = ended == run_state::completed && !failed ? std::string{} : row.error;
  update_integration_row(state_.db, *about);
  if (ended == run_state::cancelled)
    return; // its root tells: job.cancelled

  auto& read = state_.db.query<read_run_rows>();
  read.id = row.id.value;
  read.sql.one();
  boost::json::object data{{"integration_id", to_string(about->id)},
                           {"service", about->service},
                           {"name", about->name},
                           {"run_id", to_string(row.id)},
                           {"state", std::string{to_string(ended)}},
                           {"rows", boost::json::object{{"added", read.rows.added},
                                                        {"updated", read.rows.updated},
                                                        {"unchanged", read.rows.unchanged},
                                                        {"deleted", read.rows.deleted},
                                                        {"errors", read.rows.errors}}},
                           {"pages", read.pages}};
  if (!row.error.empty())
    data["error"] = row.error;
  if (failed)
    data["consecutive_failures"] = about->schedule.consecutive_failures;
  if (failed && about->schedule.next_due_at != no_time)
    data["next_due_at"] = format_rfc3339(about->schedule.next_due_at);
  // Whoever lost the consent may have told so already (requires_reauth by the provider): once is enough.
  const auto after = about->schedule.status;
  const bool asks = after == integration_status::requires_reauth && after != before;
  // That it went bad and that it recovered is news; that it is still bad is not: its runs tell of each. Of one that waits
  // for a consent people know already.
  if (failed && !asks && (failures_before > 0 || before == integration_status::requires_reauth))
    return;
  const char* type = asks ? "integration.requires_reauth" : failed ? "integration.failed" : "integration.updated";
  event_draft news{.type = type,
                   .subject = "integrations/" + to_string(about->id),
                   .data = boost::json::serialize(data),
                   .integration = about->id,
                   .organisation = about->organisation};
  state_.raise(news);
  if (!failed && failures_before > 0) {
    data["failures"] = failures_before;
    news.type = "integration.recovered";
    news.data = boost::json::serialize(data);
    state_.raise(std::move(news));
  }
}

} // namespace penstock::storage
