#include "storage/staged_bodies.hpp"

#include <limits>
#include <vector>

#include "core/id_text.hpp"
#include "storage/body_writer.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct begin_staging {
  std::int64_t job = 0, at = 0;
  statement sql;
  explicit begin_staging(session& db)
      : sql(db, "begin staging body",
            "INSERT INTO staged_bodies (job_id, begun_at) VALUES (:job, :at) ON CONFLICT (job_id) DO NOTHING") {
    sql.in(job).in(at);
  }
};

struct hold_staged {
  std::int64_t job = 0, held = 0;
  statement sql;
  explicit hold_staged(session& db)
      : sql(db, "hold staged body",
            "SELECT job_id FROM staged_bodies WHERE job_id = :job" + db.sql_dialect().for_update()) {
    sql.in(job).out(held);
  }
};

struct end_staging {
  std::int64_t job = 0;
  statement sql;
  explicit end_staging(session& db) : sql(db, "end staging body", "DELETE FROM staged_bodies WHERE job_id = :job") {
    sql.in(job);
  }
};

struct last_chunk {
  std::int64_t job = 0, part = static_cast<std::int64_t>(payload_part::payload), last = 0;
  statement sql;
  explicit last_chunk(session& db)
      : sql(db, "find last staged chunk",
            "SELECT COALESCE(MAX(chunk), -1) FROM job_payloads WHERE job_id = :job AND part = :part") {
    sql.in(job).in(part).out(last);
  }
};

struct old_staged {
  std::int64_t before = 0, limit = 0, job = 0;
  statement sql;
  explicit old_staged(session& db)
      : sql(db, "find old staged bodies",
            "SELECT job_id FROM staged_bodies WHERE begun_at < :before ORDER BY begun_at LIMIT :limit" +
              db.sql_dialect().for_update()) {
    sql.in(before).in(limit).out(job);
  }
};

struct delete_chunks {
  std::int64_t job = 0, same_job = 0, limit = 0;
  statement sql;
  explicit delete_chunks(session& db)
      : sql(db, "sweep staged chunks",
            "DELETE FROM job_payloads WHERE job_id = :job AND chunk IN (SELECT chunk FROM job_payloads WHERE job_id = "
            ":same_job ORDER BY chunk LIMIT :limit)") {
    sql.in(job).in(same_job).in(limit);
  }
};

/// Whether there was a row.
bool end_of(session& db, job_id id) {
  auto& end = db.query<end_staging>();
  end.job = id.value;
  return end.sql.run() == 1;
}

/// At most `limit` chunks: a large body goes in several sweeps. How many went.
std::int64_t sweep(session& db, std::int64_t before, std::int64_t limit) {
  auto& find = db.query<old_staged>();
  find.before = before;
  find.limit = limit;
  std::vector<job_id> old;
  for (bool row = find.sql.first(); row; row = find.sql.next())
    old.push_back({find.job});
  auto& drop = db.query<delete_chunks>();
  std::int64_t gone = 0;
  for (const auto id : old) {
    drop.job = drop.same_job = id.value;
    drop.limit = limit - gone;
    const auto chunks = drop.sql.run();
    gone += chunks;
    if (chunks == drop.limit)
      return gone; // there may be more of it
    end_of(db, id);
    gone += chunks == 0 ? 1 : 0;
  }
  return gone;
}

auto no_longer_staged(job_id id) {
  return failure(error_code::conflict,
                 "the body of job " + to_string(id) + " took too long and was swept: send it again");
}

} // namespace

result<void> apply(change_context& context, const stage_body& change) {
  if (change.bytes.empty() || change.bytes.size() > stage_body::most_bytes)
    return failure(error_code::invalid_argument,
                   "a piece of a body has 1 byte to " + std::to_string(stage_body::most_bytes) + " bytes");
  auto& db = context.db;
  if (change.piece == 0) {
    auto& begin = db.query<begin_staging>();
    begin.job = change.job.value;
    begin.at = micros(context.now);
    if (begin.sql.run() != 1)
      return failure(error_code::conflict, "a body of job " + to_string(change.job) + " is staged already");
  } else {
    // It was swept, perhaps by another node: what came later would lie there for ever.
    auto& hold = db.query<hold_staged>();
    hold.job = change.job.value;
    if (!hold.sql.one())
      return no_longer_staged(change.job);
  }
  write_body(db, change.job.value, payload_part::payload, change.bytes,
             change.piece == 0 ? 0 : next_chunk_of(db, change.job));
  return {};
}

result<void> apply(change_context& context, const take_staged_body& change) {
  if (!end_of(context.db, change.job))
    return no_longer_staged(change.job);
  return {};
}

result<void> apply(change_context& context, const drop_staged_body& change) {
  if (end_of(context.db, change.job))
    remove_bodies(context.db, change.job.value);
  return {};
}

result<void> apply(change_context& context, const sweep_staged_bodies& change) {
  context.result.created.push_back(sweep(context.db, micros(change.before), change.limit));
  return {};
}

std::int64_t next_chunk_of(session& db, job_id id) {
  auto& query = db.query<last_chunk>();
  query.job = id.value;
  query.sql.one();
  return query.last + 1;
}

std::int64_t drop_all_staged_bodies(session& db) {
  constexpr auto any = std::numeric_limits<std::int64_t>::max();
  return sweep(db, any, any);
}

} // namespace penstock::storage
