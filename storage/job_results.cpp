#include "storage/job_results.hpp"

#include <utility>

#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct read_result {
  std::int64_t id = 0;
  nullable<std::string> result;
  statement sql;
  explicit read_result(session& db)
      : sql(db, "read result of job", "SELECT result FROM jobs WHERE id = :id" + db.sql_dialect().for_update()) {
    sql.in(id).out(result);
  }
};

struct write_result {
  std::int64_t id = 0;
  std::string result;
  statement sql;
  explicit write_result(session& db)
      : sql(db, "write result of job", "UPDATE jobs SET result = :result WHERE id = :id") {
    sql.in(result).in(id);
  }
};

} // namespace

std::string job_result(session& db, job_id id) {
  auto& read = db.query<read_result>();
  read.id = id.value;
  return read.sql.one() ? read.result.value_or("") : std::string();
}

void set_job_result(session& db, job_id id, std::string result) {
  auto& write = db.query<write_result>();
  write.id = id.value;
  write.result = std::move(result);
  write.sql.post();
}

} // namespace penstock::storage
