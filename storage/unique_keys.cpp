#include "storage/unique_keys.hpp"

#include "core/job_state.hpp"
#include "storage/job_row.hpp"
#include "storage/job_ties.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct insert_key {
  std::string key;
  std::int64_t job = 0;
  nullable<std::int64_t> keep_until;
  statement sql;
  explicit insert_key(session& db)
      : sql(db, "take unique key",
            "INSERT INTO unique_keys (key, job_id, keep_until) VALUES (:key, :job, :keep_until) "
            "ON CONFLICT (key) DO NOTHING") {
    sql.in(key).in(job).in(keep_until);
  }
};

struct find_key {
  std::string key;
  std::int64_t job = 0;
  nullable<std::int64_t> keep_until;
  statement sql;
  explicit find_key(session& db)
      : sql(db, "find unique key",
            "SELECT job_id, keep_until FROM unique_keys WHERE key = :key" + db.sql_dialect().for_update()) {
    sql.in(key).out(job).out(keep_until);
  }
};

struct hand_key_over {
  std::string key;
  std::int64_t job = 0;
  nullable<std::int64_t> keep_until;
  statement sql;
  explicit hand_key_over(session& db)
      : sql(db, "hand unique key over",
            "UPDATE unique_keys SET job_id = :job, keep_until = :keep_until WHERE key = :key") {
    sql.in(job).in(keep_until).in(key);
  }
};

struct release_key {
  std::string key;
  std::int64_t job = 0, now = 0;
  statement sql;
  explicit release_key(session& db)
      : sql(
          db, "release unique key",
          "DELETE FROM unique_keys WHERE key = :key AND job_id = :job AND (keep_until IS NULL OR keep_until <= :now)") {
    sql.in(key).in(job).in(now);
  }
};

struct tie_once_more {
  std::int64_t job = 0;
  statement sql;
  explicit tie_once_more(session& db)
      : sql(db, "note once more",
            "UPDATE jobs SET ties = ties | " + std::to_string(job_ties::once_more) + " WHERE id = :id AND state < 3") {
    sql.in(job);
  }
};

struct old_keys {
  std::int64_t now = 0, limit = 0, still = 0;
  statement sql;
  explicit old_keys(session& db)
      : sql(db, "sweep unique keys",
            "DELETE FROM unique_keys WHERE key IN (SELECT u.key FROM unique_keys u WHERE u.keep_until IS NOT NULL "
            "AND u.keep_until <= :now AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = u.job_id AND j.state < 3) "
            "ORDER BY u.keep_until LIMIT :limit) AND keep_until <= :still") { // it may be handed over while waited for
    sql.in(now).in(limit).in(still);
  }
};

} // namespace

struct unique_keys::statements {
  explicit statements(session& db) : take(db), find(db), hand_over(db), release(db), once_more(db), sweep(db) {}
  insert_key take;
  find_key find;
  hand_key_over hand_over;
  release_key release;
  tie_once_more once_more;
  old_keys sweep;
};

unique_keys::unique_keys(session& db) : sql_(std::make_unique<statements>(db)), db_(db) {}

unique_keys::~unique_keys() = default;

job_id unique_keys::take(const std::string& key, job_id newcomer, const std::optional<duration>& period,
                         timestamp now) {
  const auto set_period = [&](nullable<std::int64_t>& column) {
    column.clear();
    if (period)
      column.set(micros(now + *period));
  };
  auto& take = sql_->take;
  take.key = key;
  take.job = newcomer.value;
  set_period(take.keep_until);
  auto& find = sql_->find;
  find.key = key;
  // Another node may let go of it between the two.
  constexpr int most_tries = 3;
  for (int tries = 1;; ++tries) {
    if (take.sql.run() == 1)
      return newcomer;
    if (find.sql.one())
      break;
    if (tries == most_tries)
      throw storage_exception(error{error_code::storage_busy, "a unique key changes hands all the time: try again"},
                              storage_blame::moment);
  }
  const job_id holder{find.job};
  if (holder == newcomer || (find.keep_until.has_value() && find.keep_until.value > micros(now)))
    return holder;
  if (find.keep_until.has_value()) {
    // Its period is over: who holds it still is a job that has not ended.
    const auto job = find_job_row(db_, holder);
    if (job && !is_ended(job->state))
      return holder;
    auto& hand_over = sql_->hand_over;
    hand_over.key = key;
    hand_over.job = newcomer.value;
    set_period(hand_over.keep_until);
    hand_over.sql.post();
    return newcomer;
  }
  return holder;
}

void unique_keys::release(const std::string& key, job_id job, timestamp now) {
  auto& release = sql_->release;
  release.key = key;
  release.job = job.value;
  release.now = micros(now);
  release.sql.post();
}

bool unique_keys::note_once_more(job_id holder) {
  auto& note = sql_->once_more;
  note.job = holder.value;
  return note.sql.run() == 1;
}

void unique_keys::sweep(timestamp now, std::int64_t limit) {
  auto& old = sql_->sweep;
  old.now = old.still = micros(now);
  old.limit = limit;
  old.sql.run();
}

} // namespace penstock::storage
