#include "storage/job_list.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "storage/held_jobs.hpp"
#include "storage/job_columns.hpp"
#include "storage/job_details.hpp"
#include "storage/page_walk.hpp"
#include "storage/read_snapshot.hpp"
#include "storage/text_pattern.hpp"

namespace penstock::storage {
namespace {

struct count_in_state {
  std::int64_t state = 0, n = 0;
  statement sql;
  explicit count_in_state(session& db)
      : sql(db, "count jobs in state", "SELECT COALESCE(SUM(n), 0) FROM queue_counts WHERE state = :state") {
    sql.in(state).out(n);
  }
};

struct load_listed_job {
  std::int64_t id = 0;
  job_columns row;
  statement sql;
  explicit load_listed_job(session& db)
      : sql(db, "load listed job",
            "SELECT " + job_columns::names() + " FROM jobs j" + job_columns::joins + "WHERE j.id = :id") {
    sql.in(id);
    row.bind(sql);
  }
};

/// One reading of one page: goes down the ids, marks what the filter keeps, and loads that alone. The SQL holds only
/// what the filter names, so that an index serves where there is one.
class list_reader {
public:
  list_reader(session& db, const job_filter& filter, const page_walk& walk)
      : db_(db), filter_(filter), walk_(walk), pattern_(pattern_containing(filter.text)) {
    finished_before_ = micros(filter.finished_before);
    due_by_ = micros(filter.due_by);
    due_after_ = micros(filter.due_after);
    if (filter.state)
      state_ = static_cast<std::int64_t>(filter.state == job_state::active ? job_state::waiting : *filter.state);
  }

  page_of<job_record> read() {
    held_ = all_jobs_in_slots(db_);
    return filter_.state == job_state::active ? read_active() : read_walk();
  }

private:
  page_of<job_record> read_walk() {
    const bool sorted = by_state_index();
    const std::string id = sorted ? "+j.id" : "j.id"; // the plus keeps the planner from going through all ids
    std::int64_t found = 0, kept = 0, examined = 0;
    // In the order in which the parameters stand in the text.
    std::string text = "SELECT j.id, CASE WHEN " + kept_condition() + " THEN 1 ELSE 0 END FROM " +
                       (sorted ? index_of_state() : std::string{"jobs"}) + " j WHERE " + id + " < :before";
    if (filter_.run)
      text += " AND j.run_id = :run";
    if (filter_.integration)
      text += " AND j.integration_id = :integration";
    statement walk(db_, "list jobs",
                   text + " ORDER BY " + id + " DESC LIMIT " + std::to_string(rows_examined_for_a_page + 1));
    bind_kept(walk);
    walk.in(walk_.before);
    if (filter_.run)
      walk.in(filter_.run.value);
    if (filter_.integration)
      walk.in(filter_.integration.value);
    walk.out(found).out(kept);

    page_of<job_record> page;
    for (bool row = walk.first(); row; row = walk.next()) {
      const bool wanted = kept != 0 && !(filter_.state == job_state::waiting && held_.contains(found));
      if ((wanted && full(page)) || examined++ == rows_examined_for_a_page) {
        page.next_cursor = std::to_string(last_seen_);
        walk.finish();
        break;
      }
      last_seen_ = found;
      if (wanted)
        add(page, found);
    }
    return page;
  }

  /// From the slots, which are few.
  page_of<job_record> read_active() {
    std::vector<std::int64_t> ids;
    for (const auto& [held, since] : held_)
      ids.push_back(held);
    std::sort(ids.rbegin(), ids.rend());
    std::int64_t id = 0, kept = 0;
    std::string text = "SELECT CASE WHEN " + kept_condition() + " THEN 1 ELSE 0 END FROM jobs j WHERE j.id = :id";
    if (filter_.run)
      text += " AND j.run_id = :run";
    if (filter_.integration)
      text += " AND j.integration_id = :integration";
    statement one(db_, "list active jobs", text);
    bind_kept(one);
    one.in(id);
    if (filter_.run)
      one.in(filter_.run.value);
    if (filter_.integration)
      one.in(filter_.integration.value);
    one.out(kept);

    page_of<job_record> page;
    for (const auto each : ids) {
      id = each;
      if (each >= walk_.before || !one.one() || kept == 0)
        continue;
      if (full(page)) {
        page.next_cursor = std::to_string(last_seen_);
        break;
      }
      last_seen_ = each;
      add(page, each);
    }
    return page;
  }

  /// Failed and waiting jobs have indices, but not by id: what they hold must be sorted, which is worth it while it is
  /// little. Where it is much, it is found from the top.
  bool by_state_index() {
    if (filter_.run || filter_.integration ||
        (filter_.state != job_state::failed && filter_.state != job_state::waiting))
      return false;
    auto& count = db_.query<count_in_state>();
    count.state = state_;
    return count.sql.one() && count.n <= rows_examined_for_a_page;
  }
  [[nodiscard]] std::string index_of_state() const {
    if (filter_.state == job_state::failed)
      return "(SELECT * FROM jobs WHERE state = 4)";
    return "(SELECT s.* FROM waiting_jobs w JOIN jobs s ON s.id = w.id UNION ALL "
           "SELECT * FROM jobs WHERE state = 0 AND group_key IS NOT NULL)";
  }

  [[nodiscard]] std::string kept_condition() const {
    std::string text = "1 = 1";
    if (filter_.state)
      text +=
        " AND CASE WHEN EXISTS (SELECT 1 FROM plain_ends e WHERE e.job_id = j.id) THEN 3 ELSE j.state END = :state";
    if (!filter_.queue.empty())
      text += " AND j.queue_id = (SELECT id FROM queues WHERE name = :queue)";
    if (!filter_.kind.empty())
      text += " AND j.kind_id = (SELECT id FROM kinds WHERE name = :kind)";
    if (filter_.organisation)
      text += " AND j.organisation_id = :organisation";
    if (filter_.due_by != no_time)
      text += " AND j.run_at <= :due_by";
    if (filter_.due_after != no_time)
      text += " AND j.run_at > :due_after";
    if (filter_.finished_before != no_time)
      text += " AND COALESCE((SELECT e.finished_at FROM plain_ends e WHERE e.job_id = j.id), "
              "CASE WHEN j.state >= 3 THEN j.finished_at END) < :finished_before";
    if (!filter_.text.empty())
      text += " AND (j.args LIKE :in_args ESCAPE '\\' OR EXISTS (SELECT 1 FROM kinds k WHERE k.id = j.kind_id "
              "AND k.name LIKE :in_kind ESCAPE '\\') OR EXISTS (SELECT 1 FROM job_errors e WHERE e.job_id = j.id "
              "AND e.message LIKE :in_error ESCAPE '\\'))";
    return text;
  }
  void bind_kept(statement& sql) {
    if (filter_.state)
      sql.in(state_);
    if (!filter_.queue.empty())
      sql.in(filter_.queue);
    if (!filter_.kind.empty())
      sql.in(filter_.kind);
    if (filter_.organisation)
      sql.in(filter_.organisation.value);
    if (filter_.due_by != no_time)
      sql.in(due_by_);
    if (filter_.due_after != no_time)
      sql.in(due_after_);
    if (filter_.finished_before != no_time)
      sql.in(finished_before_);
    if (!filter_.text.empty())
      sql.in(pattern_).in(pattern_).in(pattern_);
  }

  [[nodiscard]] bool full(const page_of<job_record>& page) const noexcept {
    return std::ssize(page.items) == walk_.limit;
  }

  void add(page_of<job_record>& page, std::int64_t id) {
    auto& load = db_.query<load_listed_job>();
    load.id = id;
    if (!load.sql.one())
      return;
    auto& record = page.items.emplace_back(load.row.record());
    mark_if_held(record, held_);
    add_details(db_, record, load.row.has_children());
  }

  session& db_;
  job_filter filter_;
  page_walk walk_;
  std::string pattern_;
  std::int64_t state_ = 0, finished_before_ = 0, due_by_ = 0, due_after_ = 0;
  std::int64_t last_seen_ = 0;
  std::unordered_map<std::int64_t, timestamp> held_;
};

} // namespace

result<page_of<job_record>> read_job_list(session& db, const job_filter& filter, const page_request& page) {
  const auto walk = start_walk(page);
  if (!walk)
    return failure(walk.error());
  const read_snapshot snapshot{db};
  return list_reader{db, filter, *walk}.read();
}

} // namespace penstock::storage
