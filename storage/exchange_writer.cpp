#include "storage/exchange_writer.hpp"

#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct insert_exchange {
  std::int64_t job = 0, attempt = 0, request = 0, try_number = 0, status = 0, took = 0, sent = 0, received = 0, at = 0;
  std::string method, url, error;
  nullable<std::string> request_body, response_body;
  statement sql;
  explicit insert_exchange(session& db)
      : sql(db, "insert exchange",
            "INSERT INTO http_exchanges (job_id, attempt, request_number, try_number, method, url, status, error, "
            "took_us, request_bytes, response_bytes, at, request_body, response_body) VALUES (:job, :attempt, "
            ":request, :try_number, :method, :url, "
            ":status, :error, :took, :sent, :received, :at, :request_body, :response_body)") {
    sql.in(job).in(attempt).in(request).in(try_number).in(method).in(url).in(status).in(error).in(took).in(sent);
    sql.in(received).in(at).in(request_body).in(response_body);
  }
};

} // namespace

void write_exchanges(session& db, const std::vector<http_exchange>& exchanges, job_id owner) {
  if (exchanges.empty())
    return;
  auto& insert = db.query<insert_exchange>();
  for (const auto& each : exchanges) {
    insert.job = each.job ? each.job.value : owner.value;
    insert.attempt = each.attempt;
    insert.request = each.request_number;
    insert.try_number = each.try_number;
    insert.method = each.method;
    insert.url = each.url;
    insert.status = each.status;
    insert.error = each.error;
    insert.took = each.took.count();
    insert.sent = each.request_bytes;
    insert.received = each.response_bytes;
    insert.at = micros(each.at);
    insert.request_body.set_or_null(each.request_body);
    insert.response_body.set_or_null(each.response_body);
    insert.sql.post();
  }
}

} // namespace penstock::storage
