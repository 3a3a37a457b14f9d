#include "storage/ready_loader.hpp"

#include "storage/job_bodies.hpp"
#include "storage/job_columns.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct find_waiting_job {
  std::int64_t id = 0;
  job_columns columns;
  statement sql;
  explicit find_waiting_job(session& db)
      : sql(db, "load ready job",
            "SELECT " + job_columns::names() + " FROM jobs j" + job_columns::joins +
              "WHERE j.id = :id AND j.state = 0 AND e.job_id IS NULL") {
    sql.in(id);
    columns.bind(sql);
  }
};

struct find_first_of_group {
  std::int64_t queue = 0, id = 0;
  std::string group;
  statement sql;
  explicit find_first_of_group(session& db)
      : sql(db, "find first of group",
            "SELECT id FROM jobs WHERE queue_id = :queue AND group_key = :group_key AND state = 0 "
            "AND group_key IS NOT NULL ORDER BY id LIMIT 1") {
    sql.in(queue).in(group).out(id);
  }
};

} // namespace

std::optional<ready_job> load_ready_job(session& db, job_id id) {
  auto& find = db.query<find_waiting_job>();
  find.id = id.value;
  if (!find.sql.one())
    return std::nullopt;
  auto job = find.columns.job();
  if (find.columns.has_large_args())
    job.args = read_args(db, id.value);
  return job;
}

std::optional<job_id> first_of_group(session& db, std::int64_t queue, const std::string& group) {
  auto& find = db.query<find_first_of_group>();
  find.queue = queue;
  find.group = group;
  return find.sql.one() ? std::optional{job_id{find.id}} : std::nullopt;
}

} // namespace penstock::storage
