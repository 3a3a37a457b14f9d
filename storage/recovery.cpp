#include "storage/recovery.hpp"

#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct held_slot {
  bool alone;
  std::vector<job_id> jobs;
};

std::vector<held_slot> read_slots(session& db) {
  std::vector<held_slot> slots;
  std::int64_t alone = 0;
  std::string jobs;
  statement all{db, "read slots of the dead", "SELECT alone, jobs FROM slots ORDER BY queue_id, slot"};
  all.out(alone).out(jobs);
  for (bool row = all.first(); row; row = all.next())
    slots.push_back({alone != 0, parse_slot_jobs(jobs)});
  return slots;
}

struct note_suspect {
  std::int64_t job = 0, queue = 0, deaths = 0, more = 0;
  statement sql;
  explicit note_suspect(session& db)
      : sql(db, "note suspect",
            "INSERT INTO suspects (job_id, queue_id, deaths) VALUES (:job, :queue, :deaths) "
            "ON CONFLICT (job_id) DO UPDATE SET deaths = suspects.deaths + :more") {
    sql.in(job).in(queue).in(deaths).in(more);
  }
};

struct suspect_row {
  std::int64_t job, queue, deaths;
};

std::vector<suspect_row> read_suspects(session& db) {
  std::vector<suspect_row> found;
  suspect_row row{};
  statement all{db, "read suspects",
                "SELECT s.job_id, s.queue_id, s.deaths FROM suspects s ORDER BY s.queue_id, s.job_id"};
  all.out(row.job).out(row.queue).out(row.deaths);
  for (bool more = all.first(); more; more = all.next())
    found.push_back(row);
  return found;
}

std::vector<std::string> queues_with_work(write_state& state) {
  std::vector<std::string> names;
  std::int64_t id = 0, paused = 0;
  statement all{state.db, "read queues", "SELECT id, paused FROM queues ORDER BY name"};
  all.out(id).out(paused);
  for (bool row = all.first(); row; row = all.next())
    if (paused != 0 || state.counts.count(id, job_state::waiting) > 0)
      names.push_back(state.queues.name_of(id));
  return names;
}

} // namespace

recovery_report recover_jobs(write_state& state, unit_executor& executor) {
  auto& note = state.db.query<note_suspect>();
  for (const auto& slot : read_slots(state.db))
    for (const auto id : slot.jobs)
      if (const auto job = find_job_row(state.db, id); job && job->state == job_state::waiting) {
        note.job = id.value;
        note.queue = job->queue;
        note.deaths = note.more = slot.alone ? 1 : 0;
        note.sql.run();
      }
  state.db.execute("free slots", "DELETE FROM slots");

  recovery_report report;
  for (const auto& suspect : read_suspects(state.db)) {
    auto job = find_job_row(state.db, {suspect.job});
    if (!job || job->state != job_state::waiting) {
      (void)executor.changes().apply(clear_suspect{{suspect.job}}); // it ended and was never cleared
    } else if (suspect.deaths >= deaths_allowed) {
      report.crashed.push_back(job->id);
      executor.changes().fail_as_crashed(std::move(*job));
    } else {
      report.suspects.push_back({job->id, state.queues.name_of(suspect.queue), static_cast<int>(suspect.deaths)});
    }
  }
  executor.settle();
  report.queues = queues_with_work(state);
  return report;
}

} // namespace penstock::storage
