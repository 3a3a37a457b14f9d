#include "storage/job_details.hpp"

#include "storage/child_counters.hpp"
#include "storage/progress_row.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct read_errors {
  std::int64_t job = 0, attempt = 0, at = 0;
  std::string code, cls, message, node;
  statement sql;
  explicit read_errors(session& db)
      : sql(db, "read errors of job",
            "SELECT attempt, code, class, message, at, node FROM job_errors WHERE job_id = :job ORDER BY id") {
    sql.in(job).out(attempt).out(code).out(cls).out(message).out(at).out(node);
  }
};

struct read_exchange_rows {
  std::int64_t job = 0, attempt = 0, request_number = 0, try_number = 0, status = 0, took_us = 0, at = 0;
  http_exchange found;
  nullable<std::string> request_body, response_body;
  statement sql;
  explicit read_exchange_rows(session& db)
      : sql(db, "read exchanges of job",
            "SELECT attempt, request_number, try_number, method, url, status, error, took_us, request_bytes, "
            "response_bytes, at, request_body, response_body FROM http_exchanges WHERE job_id = :job ORDER BY id") {
    sql.in(job).out(attempt).out(request_number).out(try_number).out(found.method).out(found.url).out(status);
    sql.out(found.error).out(took_us).out(found.request_bytes).out(found.response_bytes).out(at);
    sql.out(request_body).out(response_body);
  }
};

error_class stored_class(const std::string& name) noexcept {
  for (const auto each : {error_class::retryable, error_class::final, error_class::postponed})
    if (name == to_string(each))
      return each;
  return error_class::final;
}

} // namespace

void add_details(session& db, job_record& record, bool has_children) {
  auto& errors = db.query<read_errors>();
  errors.job = record.job.id.value;
  for (bool row = errors.sql.first(); row; row = errors.sql.next())
    record.errors.push_back({.attempt = static_cast<std::uint16_t>(errors.attempt),
                             .code = parse_error_code(errors.code).value_or(error_code::internal),
                             .cls = stored_class(errors.cls),
                             .message = errors.message,
                             .at = moment(errors.at),
                             .node = errors.node});
  record.latest_progress = read_progress(db, record.job.id);
  if (has_children)
    record.children = read_child_counts(db, record.job.id);
}

std::vector<http_exchange> read_exchanges(session& db, job_id id) {
  std::vector<http_exchange> all;
  auto& rows = db.query<read_exchange_rows>();
  rows.job = id.value;
  for (bool row = rows.sql.first(); row; row = rows.sql.next()) {
    auto& exchange = all.emplace_back(rows.found);
    exchange.job = id;
    exchange.attempt = static_cast<std::uint16_t>(rows.attempt);
    exchange.request_number = static_cast<std::uint16_t>(rows.request_number);
    exchange.try_number = static_cast<std::uint16_t>(rows.try_number);
    exchange.status = static_cast<int>(rows.status);
    exchange.took = duration{rows.took_us};
    exchange.at = moment(rows.at);
    exchange.request_body = rows.request_body.value_or("");
    exchange.response_body = rows.response_body.value_or("");
  }
  return all;
}

} // namespace penstock::storage
