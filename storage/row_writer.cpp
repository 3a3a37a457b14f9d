#include "storage/row_writer.hpp"

#include <boost/json.hpp>

#include "core/id_text.hpp"
#include "storage/changed_rows.hpp"
#include "storage/integration_rows.hpp"
#include "storage/run_differences.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct insert_row_error {
  nullable<std::int64_t> job, run, integration;
  row_error problem;
  std::int64_t at = 0;
  statement sql;
  explicit insert_row_error(session& db)
      : sql(db, "insert row error",
            "INSERT INTO row_errors (job_id, run_id, integration_id, table_name, source_id, message, at) "
            "VALUES (:job, :run, :integration, :table_name, :source_id, :message, :at)") {
    sql.in(job).in(run).in(integration).in(problem.table).in(problem.source_id).in(problem.message).in(at);
  }
};

} // namespace

row_writer::row_writer(write_state& state) : state_(state) {
  for (const auto& schema : state.house.tables) {
    if (schema.append_only)
      logs_.emplace(schema.name, std::make_unique<append_writer>(state.db, schema));
    else
      tables_.emplace(schema.name, std::make_unique<table_writer>(state.db, schema));
  }
}

table_writer* row_writer::find(const std::string& table) {
  const auto found = tables_.find(table);
  return found == tables_.end() ? nullptr : found->second.get();
}

result<void> row_writer::check(const unit_of_work& unit) {
  const auto unknown = [](const std::string& table) {
    return failure(error_code::invalid_argument, "no connector contributes a table '" + table + "'");
  };
  for (const auto& batch : unit.rows) {
    const auto* table = find(batch.table);
    if (!table)
      return unknown(batch.table);
    if (auto fits = table->check(batch); !fits)
      return fits;
  }
  for (const auto& batch : unit.appends) {
    const auto log = logs_.find(batch.table);
    if (log == logs_.end())
      return failure(error_code::invalid_argument,
                     "no connector contributes an append-only table '" + batch.table + "'");
    if (auto fits = log->second->check(batch); !fits)
      return fits;
  }
  for (const auto& expected : unit.expects) {
    auto* table = find(expected.table);
    if (!table)
      return unknown(expected.table);
    if (const auto stored = table->version_of(expected.integration, expected.source_id); stored != expected.version)
      return failure(error_code::conflict, "row " + expected.source_id + " of " + expected.table + " is at version " +
                                             std::to_string(stored) + ", not " + std::to_string(expected.version));
  }
  return {};
}

row_counts row_writer::write(const unit_of_work& unit, const job_row& job, run_id run) {
  row_counts all;
  for (const auto& batch : unit.rows) {
    changed_.clear();
    const auto counts = find(batch.table)->write(batch, state_.now, changed_);
    if (counts.changed())
      raise_changed(batch, counts, job, run);
    all += counts;
  }
  for (const auto& batch : unit.appends)
    logs_.find(batch.table)->second->write(batch);
  all.errors += std::ssize(unit.row_errors);
  keep_errors(unit.row_errors, job, run);
  return all;
}

row_counts row_writer::try_out(const unit_of_work& unit, const job_row& job, run_id run) {
  row_counts all;
  std::vector<table_difference> tables;
  std::vector<row_difference> rows;
  state_.db.execute("savepoint", "SAVEPOINT dry_run");
  for (const auto& batch : unit.rows) {
    const auto counts = find(batch.table)->write_and_tell(batch, state_.now, [&](row_difference difference) {
      if (std::ssize(rows) < run_difference::most_rows)
        rows.push_back(std::move(difference));
    });
    tables.push_back({batch.table, counts});
    all += counts;
  }
  for (const auto& batch : unit.appends) {
    logs_.find(batch.table)->second->write(batch);
    tables.push_back({batch.table, {.added = std::ssize(batch.rows)}});
    all.added += std::ssize(batch.rows);
  }
  state_.db.execute("rollback to savepoint", "ROLLBACK TO dry_run");
  state_.db.execute("release savepoint", "RELEASE dry_run");
  for (const auto& each : tables)
    add_table_difference(state_.db, run, each.table, each.rows);
  add_row_differences(state_.db, run, rows);
  all.errors += std::ssize(unit.row_errors);
  keep_errors(unit.row_errors, job, run);
  return all;
}

void row_writer::raise_changed(const row_upserts& batch, const row_counts& counts, const job_row& job, run_id run) {
  boost::json::object data{
    {"table", batch.table}, {"added", counts.added}, {"updated", counts.updated}, {"deleted", counts.deleted}};
  if (run)
    data["run"] = to_string(run);
  auto organisation = job.integration == batch.integration ? job.organisation : organisation_id{};
  if (!organisation)
    if (const auto about = find_integration_row(state_.db, batch.integration))
      organisation = about->organisation;
  const auto told = state_.raise({.type = "records.changed",
                                  .subject = "integrations/" + to_string(batch.integration),
                                  .data = boost::json::serialize(data),
                                  .integration = batch.integration,
                                  .organisation = organisation});
  note_changed_rows(state_.db, told, batch.table, batch.integration, changed_);
}

void row_writer::keep_errors(const std::vector<row_error>& errors, const job_row& job, run_id run) {
  if (errors.empty())
    return;
  auto& insert = state_.db.query<insert_row_error>();
  insert.job.set_or_null(job.id.value);
  insert.integration.set_or_null(job.integration.value);
  insert.run.set_or_null(run.value);
  insert.at = micros(state_.now);
  for (const auto& problem : errors) {
    insert.problem = problem;
    insert.sql.post();
  }
}

} // namespace penstock::storage
