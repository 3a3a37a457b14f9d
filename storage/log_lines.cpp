#include "storage/log_lines.hpp"

#include <string>

#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct insert_line {
  std::int64_t job = 0, attempt = 0, at = 0, level = 0;
  std::string message;
  statement sql;
  explicit insert_line(session& db)
      : sql(
          db, "insert log line",
          "INSERT INTO job_logs (job_id, attempt, at, level, message) VALUES (:job, :attempt, :at, :level, :message)") {
    sql.in(job).in(attempt).in(at).in(level).in(message);
  }
};

struct read_lines {
  std::int64_t job = 0, attempt = 0, at = 0, level = 0;
  std::string message;
  statement sql;
  explicit read_lines(session& db)
      : sql(db, "read log lines", "SELECT attempt, at, level, message FROM job_logs WHERE job_id = :job ORDER BY id") {
    sql.in(job).out(attempt).out(at).out(level).out(message);
  }
};

} // namespace

void write_log_lines(session& db, const std::vector<job_log_line>& lines, job_id owner) {
  if (lines.empty())
    return;
  auto& insert = db.query<insert_line>();
  for (const auto& line : lines) {
    insert.job = line.job ? line.job.value : owner.value;
    insert.attempt = line.attempt;
    insert.at = micros(line.at);
    insert.level = static_cast<std::int64_t>(line.level);
    insert.message = line.message;
    insert.sql.post();
  }
}

std::vector<job_log_line> read_log_lines(session& db, job_id id) {
  std::vector<job_log_line> all;
  auto& rows = db.query<read_lines>();
  rows.job = id.value;
  for (bool row = rows.sql.first(); row; row = rows.sql.next())
    all.push_back({.job = id,
                   .attempt = static_cast<std::uint16_t>(rows.attempt),
                   .at = moment(rows.at),
                   .level = static_cast<log_line_level>(rows.level & 3),
                   .message = rows.message});
  return all;
}

} // namespace penstock::storage
