#include "storage/once_keys.hpp"

#include <string>

#include "storage/statement.hpp"
#include "storage/unit_outcome_text.hpp"

namespace penstock::storage {
namespace {

/// A new key, or one whose time is over.
struct take_key {
  std::string key, fingerprint;
  std::int64_t at = 0, kept_from = 0;
  statement sql;
  explicit take_key(session& db)
      : sql(db, "take once key",
            "INSERT INTO once_keys (key, fingerprint, at) VALUES (:key, :fingerprint, :at) ON CONFLICT (key) DO UPDATE "
            "SET fingerprint = excluded.fingerprint, at = excluded.at, outcome = NULL, status = NULL, body = NULL "
            "WHERE once_keys.at < :kept_from") {
    sql.in(key).in(fingerprint).in(at).in(kept_from);
  }
};

/// A statement of its own, so that it sees what another node committed while the first one waited for it.
struct read_key {
  std::string key, fingerprint;
  nullable<std::string> outcome;
  statement sql;
  explicit read_key(session& db)
      : sql(db, "read once key", "SELECT fingerprint, outcome FROM once_keys WHERE key = :key") {
    sql.in(key).out(fingerprint).out(outcome);
  }
};

struct write_outcome {
  std::string key, outcome;
  statement sql;
  explicit write_outcome(session& db)
      : sql(db, "keep outcome of once key", "UPDATE once_keys SET outcome = :outcome WHERE key = :key") {
    sql.in(outcome).in(key);
  }
};

struct write_answer {
  std::string key, fingerprint, body;
  std::int64_t at = 0, status = 0, kept_from = 0;
  statement sql;
  explicit write_answer(session& db)
      : sql(
          db, "keep answer of once key",
          "INSERT INTO once_keys (key, fingerprint, at, status, body) VALUES (:key, :fingerprint, :at, :status, :body) "
          "ON CONFLICT (key) DO UPDATE SET fingerprint = excluded.fingerprint, at = excluded.at, "
          "status = excluded.status, body = excluded.body "
          "WHERE once_keys.fingerprint = excluded.fingerprint OR once_keys.at < :kept_from") {
    sql.in(key).in(fingerprint).in(at).in(status).in(body).in(kept_from);
  }
};

struct delete_old_keys {
  std::int64_t before = 0, limit = 0;
  statement sql;
  explicit delete_old_keys(session& db)
      : sql(db, "sweep once keys",
            "DELETE FROM once_keys WHERE key IN (SELECT key FROM once_keys WHERE at < :before LIMIT :limit) "
            "AND at < :still_before") {
    sql.in(before).in(limit).in(before);
  }
};

} // namespace

result<std::optional<unit_result>> begin_once(session& db, const do_once& wanted, timestamp now) {
  auto& take = db.query<take_key>();
  take.key = wanted.key;
  take.fingerprint = wanted.fingerprint;
  take.at = micros(now);
  take.kept_from = micros(now - do_once::kept_for);
  if (take.sql.run() == 1)
    return std::nullopt;
  auto& read = db.query<read_key>();
  read.key = wanted.key;
  if (!read.sql.one())
    return failure(error_code::conflict, "this Idempotency-Key was removed this moment: send the request again");
  if (read.fingerprint != wanted.fingerprint)
    return failure(error_code::key_reused,
                   "this Idempotency-Key came with another request before: use a new key for a new request");
  if (!read.outcome.has_value()) // a request of several units was answered under it: what it did is not one outcome
    return failure(error_code::conflict, "a request with this Idempotency-Key was answered already");
  return outcome_of_text(read.outcome.value);
}

void keep_once(session& db, const do_once& wanted, const unit_result& outcome) {
  auto& write = db.query<write_outcome>();
  write.key = wanted.key;
  write.outcome = text_of_outcome(outcome);
  write.sql.post();
}

result<void> apply(change_context&, const do_once&) { return {}; }

result<void> apply(change_context& context, const keep_answer& change) {
  auto& write = context.db.query<write_answer>();
  write.key = change.key;
  write.fingerprint = change.fingerprint;
  write.at = micros(context.now);
  write.kept_from = micros(context.now - do_once::kept_for);
  write.status = change.status;
  write.body = change.body;
  write.sql.post();
  return {};
}

std::int64_t sweep_once_keys(session& db, timestamp before, std::int64_t limit) {
  auto& sweep = db.query<delete_old_keys>();
  sweep.before = micros(before);
  sweep.limit = limit;
  return sweep.sql.run();
}

} // namespace penstock::storage
