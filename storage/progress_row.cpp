#include "storage/progress_row.hpp"

#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct read_progress_row {
  std::int64_t job = 0;
  nullable<std::string> stage, message;
  nullable<std::int64_t> percent, done, total, remaining_us;
  statement sql;
  explicit read_progress_row(session& db)
      : sql(db, "read progress of job",
            "SELECT stage, message, percent, done, total, remaining_us FROM job_progress WHERE job_id = :job") {
    sql.in(job).out(stage).out(message).out(percent).out(done).out(total).out(remaining_us);
  }
};

std::optional<std::int64_t> optional_of(const nullable<std::int64_t>& column) {
  return column.has_value() ? std::optional{column.value} : std::nullopt;
}

} // namespace

std::optional<progress> read_progress(session& db, job_id id) {
  auto& row = db.query<read_progress_row>();
  row.job = id.value;
  if (!row.sql.one())
    return std::nullopt;
  progress found;
  found.stage = row.stage.value_or("");
  found.message = row.message.value_or("");
  if (row.percent.has_value())
    found.percent = static_cast<int>(row.percent.value);
  found.done = optional_of(row.done);
  found.total = optional_of(row.total);
  if (row.remaining_us.has_value())
    found.remaining = duration{row.remaining_us.value};
  return found;
}

} // namespace penstock::storage
