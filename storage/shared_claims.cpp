#include "storage/shared_claims.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "storage/job_ties.hpp"
#include "storage/queue_lock.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct lock_queue {
  std::int64_t queue = 0;
  statement sql;
  explicit lock_queue(session& db) : sql(db, "lock queue", "SELECT " + queue_lock_sql(":queue")) { sql.in(queue); }
};

/// In a statement of its own, behind the lock: it sees what was committed until then. Of a group that runs in order no
/// job is given away while another node runs one.
struct claimable_jobs {
  std::string ids, attempts;
  std::int64_t now = 0, alone = 0, queue = 0, first = 0, end = 0, id = 0;
  std::int64_t same_queue = 0, also_first = 0, also_end = 0;
  statement sql;
  explicit claimable_jobs(session& db)
      : sql(db, "claimable jobs",
            "SELECT w.id FROM unnest(CAST(:ids AS BIGINT[]), CAST(:attempts AS BIGINT[])) AS w(id, attempts) "
            "JOIN jobs j ON j.id = w.id WHERE j.state = 0 AND NOT EXISTS (SELECT 1 FROM plain_ends e WHERE e.job_id = "
            "w.id) "
            "AND (w.attempts < 0 OR j.attempts = w.attempts) "
            "AND (CAST(:alone AS BIGINT) = 1 OR (j.run_at <= CAST(:now AS BIGINT) "
            "AND NOT EXISTS (SELECT 1 FROM suspects s WHERE s.job_id = w.id))) "
            "AND NOT (w.id = ANY (ARRAY(SELECT unnest(CAST(string_to_array(s.jobs, ',') AS BIGINT[])) FROM slots s "
            "WHERE s.queue_id = :queue AND s.jobs <> '' AND (s.slot < :first OR s.slot >= :end)))) "
            "AND NOT ((j.ties & " +
              std::to_string(job_ties::group) +
              ") <> 0 AND EXISTS (SELECT 1 FROM slots g "
              "CROSS JOIN LATERAL unnest(CAST(string_to_array(g.jobs, ',') AS BIGINT[])) AS h(id) "
              "JOIN jobs o ON o.id = h.id WHERE g.queue_id = :same_queue AND g.jobs <> '' "
              "AND (g.slot < :also_first OR g.slot >= :also_end) AND o.state = 0 AND o.group_key = j.group_key))") {
    sql.in(ids).in(attempts).in(alone).in(now).in(queue).in(first).in(end);
    sql.in(same_queue).in(also_first).in(also_end).out(id);
  }
};

} // namespace

std::unordered_set<job_id> shared_claims::claimable(std::int64_t queue, const std::vector<wish>& wishes, bool alone,
                                                    const slot_table& slots, timestamp now) {
  auto& query = db_.query<claimable_jobs>();
  query.ids = query.attempts = "{";
  for (const auto& wish : wishes)
    if (wish.queue == queue && wish.claim.alone == alone)
      for (std::size_t i = 0; i < wish.claim.jobs.size(); ++i) {
        query.ids.append(query.ids.size() > 1 ? "," : "").append(std::to_string(wish.claim.jobs[i].value));
        const auto attempts = i < wish.claim.attempts.size() ? std::int64_t{wish.claim.attempts[i]} : -1;
        query.attempts.append(query.attempts.size() > 1 ? "," : "").append(std::to_string(attempts));
      }
  std::unordered_set<job_id> found;
  if (query.ids.size() == 1)
    return found;
  query.ids += '}';
  query.attempts += '}';
  query.alone = alone ? 1 : 0;
  query.now = micros(now);
  query.queue = query.same_queue = queue;
  query.first = query.also_first = slots.first();
  query.end = query.also_end = slots.first() + slots_a_node;
  for (bool row = query.sql.first(); row; row = query.sql.next())
    found.insert({query.id});
  return found;
}

void shared_claims::grant(std::vector<wish>& wishes, const slot_table& slots, timestamp now) {
  std::set<std::int64_t> queues; // in order: nobody waits in a circle
  for (const auto& wish : wishes)
    if (!wish.claim.jobs.empty())
      queues.insert(wish.queue);
  for (const auto queue : queues) {
    auto& lock = db_.query<lock_queue>();
    lock.queue = queue;
    lock.sql.post();
    for (const bool alone : {false, true}) {
      const auto mine = claimable(queue, wishes, alone, slots, now);
      for (auto& wish : wishes) {
        if (wish.queue != queue || wish.claim.alone != alone)
          continue;
        std::vector<job_id> kept;
        for (const auto id : wish.claim.jobs)
          (mine.contains(id) ? kept : *wish.lost).push_back(id);
        wish.claim.jobs = std::move(kept);
      }
    }
  }
}

} // namespace penstock::storage
