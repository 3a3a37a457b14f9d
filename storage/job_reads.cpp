#include "storage/job_reads.hpp"

#include <string>

#include "core/id_text.hpp"
#include "storage/held_jobs.hpp"
#include "storage/job_bodies.hpp"
#include "storage/job_columns.hpp"
#include "storage/job_details.hpp"
#include "storage/job_list.hpp"
#include "storage/log_lines.hpp"
#include "storage/queue_summaries.hpp"
#include "storage/read_snapshot.hpp"
#include "storage/ready_jobs.hpp"
#include "storage/ready_lanes.hpp"
#include "storage/seam.hpp"

namespace penstock::storage {
namespace {

struct find_job {
  std::int64_t id = 0;
  job_columns row;
  statement sql;
  explicit find_job(session& db)
      : sql(db, "find job",
            "SELECT " + job_columns::names() + " FROM jobs j" + job_columns::joins + "WHERE j.id = :id") {
    sql.in(id);
    row.bind(sql);
  }
};

auto no_job(job_id id) { return failure(error_code::not_found, "there is no job " + to_string(id)); }

struct find_maintenance {
  std::int64_t since = 0;
  std::string by;
  statement sql;
  explicit find_maintenance(session& db)
      : sql(db, "find maintenance", "SELECT since, asked_by FROM maintenance WHERE id = 1") {
    sql.out(since).out(by);
  }
};

class sql_job_reads final : public job_reads {
public:
  explicit sql_job_reads(session& db) : db_(db) {}

  result<ready_window> ready(std::string_view queue, timestamp now, std::int64_t limit,
                             const queue_place& after) override {
    if (limit < 1)
      return failure(error_code::invalid_argument, "a window needs a limit of at least 1");
    return at_seam([&]() -> result<ready_window> { return read_ready_jobs(db_, queue, now, limit, after); });
  }

  result<lane_window> lanes(std::string_view queue, const lane_request& wanted) override {
    if (wanted.jobs_a_lane < 1 || wanted.most_lanes < 1)
      return failure(error_code::invalid_argument, "lanes need limits of at least 1");
    return at_seam([&]() -> result<lane_window> { return read_ready_lanes(db_, queue, wanted); });
  }

  result<job_record> find(job_id id) override {
    return at_seam([&]() -> result<job_record> {
      const read_snapshot snapshot{db_};
      auto& query = db_.query<find_job>();
      query.id = id.value;
      if (!query.sql.one())
        return no_job(id);
      auto record = query.row.record();
      if (query.row.has_large_args())
        record.job.args = read_args(db_, id.value);
      if (record.state == job_state::waiting)
        mark_if_held(record, all_jobs_in_slots(db_));
      add_details(db_, record, query.row.has_children());
      return record;
    });
  }

  result<std::optional<ready_job>> find_waiting(job_id id) override {
    return at_seam([&]() -> result<std::optional<ready_job>> {
      const read_snapshot snapshot{db_};
      auto& query = db_.query<find_job>();
      query.id = id.value;
      if (!query.sql.one() || query.row.state() != job_state::waiting)
        return std::nullopt;
      auto job = query.row.job();
      if (query.row.has_large_args())
        job.args = read_args(db_, id.value);
      return job;
    });
  }

  result<page_of<job_record>> list(const job_filter& filter, const page_request& page) override {
    return at_seam([&] { return read_job_list(db_, filter, page); });
  }

  result<std::string> payload(job_id id) override {
    return at_seam([&]() -> result<std::string> {
      auto body = read_payload(db_, id.value);
      if (!body)
        return failure(error_code::not_found,
                       "job " + to_string(id) + " has no payload: it was removed or never there");
      return std::move(*body);
    });
  }

  result<std::optional<payload_piece>> payload_from(job_id id, std::int64_t from) override {
    return at_seam([&]() -> result<std::optional<payload_piece>> { return read_piece(db_, id.value, from); });
  }

  result<std::vector<http_exchange>> exchanges(job_id id) override {
    return at_seam([&]() -> result<std::vector<http_exchange>> { return read_exchanges(db_, id); });
  }

  result<std::vector<job_log_line>> logs(job_id id) override {
    return at_seam([&]() -> result<std::vector<job_log_line>> { return read_log_lines(db_, id); });
  }

  result<std::vector<queue_summary>> queues(timestamp now) override {
    return at_seam([&]() -> result<std::vector<queue_summary>> { return read_queue_summaries(db_, now); });
  }
  result<maintenance_state> maintenance() override {
    return at_seam([&]() -> result<maintenance_state> {
      auto& query = db_.query<find_maintenance>();
      if (!query.sql.one())
        return maintenance_state{};
      return maintenance_state{true, moment(query.since), query.by};
    });
  }

private:
  session& db_;
};

} // namespace

std::unique_ptr<job_reads> make_job_reads(session& db) { return std::make_unique<sql_job_reads>(db); }

} // namespace penstock::storage
