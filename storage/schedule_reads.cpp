#include "storage/schedule_reads.hpp"

#include "storage/seam.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct read_schedules {
  schedule found;
  nullable<std::string> queue;
  std::int64_t enabled = 0, catch_up_us = 0, created_at = 0;
  nullable<std::int64_t> last_fired_at;
  statement sql;
  explicit read_schedules(session& db)
      : sql(db, "read schedules",
            "SELECT name, rule, time_zone, kind, args, queue, enabled, catch_up_us, last_fired_at, created_at "
            "FROM schedules ORDER BY name") {
    sql.out(found.name).out(found.rule).out(found.time_zone).out(found.kind).out(found.args).out(queue).out(enabled);
    sql.out(catch_up_us).out(last_fired_at).out(created_at);
  }
};

class sql_schedule_reads final : public schedule_reads {
public:
  explicit sql_schedule_reads(session& db) : db_(db) {}

  result<std::vector<schedule>> all() override {
    return at_seam([&]() -> result<std::vector<schedule>> {
      std::vector<schedule> all;
      auto& query = db_.query<read_schedules>();
      for (bool row = query.sql.first(); row; row = query.sql.next()) {
        auto& one = all.emplace_back(query.found);
        one.queue = query.queue.value_or("");
        one.enabled = query.enabled != 0;
        one.catch_up = duration{query.catch_up_us};
        one.last_fired_at = moment_or_none(query.last_fired_at);
        one.created_at = moment(query.created_at);
      }
      return all;
    });
  }

private:
  session& db_;
};

} // namespace

std::unique_ptr<schedule_reads> make_schedule_reads(session& db) { return std::make_unique<sql_schedule_reads>(db); }

} // namespace penstock::storage
