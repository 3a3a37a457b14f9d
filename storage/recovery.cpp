#include "storage/recovery.hpp"

#include "storage/staged_bodies.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct held_slot {
  bool alone;
  std::vector<job_id> jobs;
};

std::vector<held_slot> read_slots(session& db, std::int64_t node) {
  std::vector<held_slot> slots;
  std::int64_t alone = 0, first = node * slots_a_node, end = first + slots_a_node;
  std::string jobs;
  statement all{db, "read slots of the dead",
                "SELECT alone, jobs FROM slots WHERE slot >= :first AND slot < :end ORDER BY queue_id, slot"};
  all.in(first).in(end).out(alone).out(jobs);
  for (bool row = all.first(); row; row = all.next())
    slots.push_back({alone != 0, parse_slot_jobs(jobs)});
  return slots;
}

void free_slots(session& db, std::int64_t node) {
  std::int64_t first = node * slots_a_node, end = first + slots_a_node;
  statement sql{db, "free slots", "DELETE FROM slots WHERE slot >= :first AND slot < :end"};
  sql.in(first).in(end);
  sql.run();
}

/// Those that the dead node had not come to yet.
void inherit_suspects(session& db, std::int64_t dead, std::int64_t heir) {
  statement sql{db, "inherit suspects", "UPDATE suspects SET node = :heir WHERE node = :dead"};
  sql.in(heir).in(dead);
  sql.run();
}

struct note_suspect {
  std::int64_t job = 0, queue = 0, deaths = 0, more = 0, node = 0;
  statement sql;
  explicit note_suspect(session& db)
      : sql(db, "note suspect",
            "INSERT INTO suspects (job_id, queue_id, deaths, node) VALUES (:job, :queue, :deaths, :node) "
            "ON CONFLICT (job_id) DO UPDATE SET deaths = suspects.deaths + :more, node = excluded.node") {
    sql.in(job).in(queue).in(deaths).in(node).in(more);
  }
};

struct suspect_row {
  std::int64_t job, queue, deaths;
};

std::vector<suspect_row> read_suspects(session& db, std::int64_t node) {
  std::vector<suspect_row> found;
  suspect_row row{};
  statement all{db, "read suspects",
                "SELECT s.job_id, s.queue_id, s.deaths FROM suspects s WHERE s.node = :node ORDER BY s.queue_id, "
                "s.job_id"};
  all.in(node).out(row.job).out(row.queue).out(row.deaths);
  for (bool more = all.first(); more; more = all.next())
    found.push_back(row);
  return found;
}

std::vector<std::string> queues_with_work(write_state& state) {
  std::vector<std::string> names;
  std::int64_t paused = 0, waiting = 0;
  std::string name;
  statement all{state.db, "read queues",
                "SELECT name, paused, COALESCE((SELECT n FROM queue_counts c WHERE c.queue_id = q.id AND c.state = 0), "
                "0) FROM queues q ORDER BY name"};
  all.out(name).out(paused).out(waiting);
  for (bool row = all.first(); row; row = all.next())
    if (paused != 0 || waiting > 0)
      names.push_back(name);
  return names;
}

} // namespace

recovery_report recover_jobs(write_state& state, unit_executor& executor, const succession& nodes) {
  auto& note = state.db.query<note_suspect>();
  note.node = nodes.heir;
  for (const auto& slot : read_slots(state.db, nodes.dead))
    for (const auto id : slot.jobs)
      if (const auto job = find_job_row(state.db, id); job && job->state == job_state::waiting) {
        note.job = id.value;
        note.queue = job->queue;
        note.deaths = note.more = slot.alone ? 1 : 0;
        note.sql.run();
      }
  free_slots(state.db, nodes.dead);
  if (nodes.dead != nodes.heir)
    inherit_suspects(state.db, nodes.dead, nodes.heir);

  recovery_report report;
  for (const auto& suspect : read_suspects(state.db, nodes.heir)) {
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
  // Nobody else sends bodies to this database, and who sent them to the last process is gone.
  if (!state.db.sql_dialect().shared())
    drop_all_staged_bodies(state.db);
  executor.settle();
  report.queues = queues_with_work(state);
  return report;
}

} // namespace penstock::storage
