#include "storage/schedule_reads.hpp"

#include "storage/page_walk.hpp"
#include "storage/schedule_rows.hpp"
#include "storage/seam.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct read_schedules {
  schedule_columns row;
  statement sql;
  explicit read_schedules(session& db)
      : sql(db, "read schedules", std::string{"SELECT "} + schedule_columns::names + " FROM schedules ORDER BY name") {
    row.bind(sql);
  }
};

struct read_occurrences {
  std::string name;
  std::int64_t before = 0, limit = 0, at = 0, decided = 0, reason = 0, outcome = 0;
  nullable<std::string> jobs, note;
  statement sql;
  explicit read_occurrences(session& db)
      : sql(db, "read occurrences",
            "SELECT occurrence, decided_at, reason, outcome, jobs, note FROM schedule_occurrences "
            "WHERE schedule = :name AND occurrence < :before ORDER BY occurrence DESC LIMIT :limit") {
    sql.in(name).in(before).in(limit).out(at).out(decided).out(reason).out(outcome).out(jobs).out(note);
  }
};

struct read_fired {
  std::string name;
  std::int64_t from = 0, to = 0, at = 0;
  statement sql;
  explicit read_fired(session& db)
      : sql(db, "read fired occurrences",
            "SELECT occurrence FROM schedule_occurrences WHERE schedule = :name AND occurrence >= :first "
            "AND occurrence <= :last AND outcome IN (0, 1) ORDER BY occurrence") {
    sql.in(name).in(from).in(to).out(at);
  }
};

class sql_schedule_reads final : public schedule_reads {
public:
  explicit sql_schedule_reads(session& db) : db_(db) {}

  result<std::vector<schedule>> all() override {
    return at_seam([&]() -> result<std::vector<schedule>> {
      std::vector<schedule> all;
      auto& query = db_.query<read_schedules>();
      for (bool row = query.sql.first(); row; row = query.sql.next())
        all.push_back(query.row.value());
      return all;
    });
  }

  result<schedule> find(const std::string& name) override {
    return at_seam([&]() -> result<schedule> {
      auto found = find_schedule_row(db_, name);
      if (!found)
        return failure(error_code::not_found, "there is no schedule '" + name + "'");
      return std::move(*found);
    });
  }

  result<page_of<schedule_occurrence>> occurrences(const std::string& name, const page_request& page) override {
    return at_seam([&]() -> result<page_of<schedule_occurrence>> {
      const auto walk = start_walk(page);
      if (!walk)
        return failure(walk.error());
      page_of<schedule_occurrence> found;
      auto& query = db_.query<read_occurrences>();
      query.name = name;
      query.before = walk->before;
      query.limit = walk->limit + 1;
      for (bool row = query.sql.first(); row; row = query.sql.next())
        found.items.push_back({moment(query.at), moment(query.decided), static_cast<firing_reason>(query.reason),
                               static_cast<firing_outcome>(query.outcome), ids_of_text(query.jobs.value_or("")),
                               query.note.value_or("")});
      if (std::ssize(found.items) > walk->limit) {
        found.items.pop_back();
        found.next_cursor = std::to_string(micros(found.items.back().at));
      }
      return found;
    });
  }

  result<std::vector<timestamp>> fired_between(const std::string& name, timestamp from, timestamp to) override {
    return at_seam([&]() -> result<std::vector<timestamp>> {
      std::vector<timestamp> fired;
      auto& query = db_.query<read_fired>();
      query.name = name;
      query.from = micros(from);
      query.to = micros(to);
      for (bool row = query.sql.first(); row; row = query.sql.next())
        fired.push_back(moment(query.at));
      return fired;
    });
  }

private:
  session& db_;
};

} // namespace

std::unique_ptr<schedule_reads> make_schedule_reads(session& db) { return std::make_unique<sql_schedule_reads>(db); }

} // namespace penstock::storage
