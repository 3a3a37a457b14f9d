#include "storage/shared_limits.hpp"

#include <optional>
#include <string>

#include "core/id_text.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct limit_row {
  token_bucket::snapshot bucket;
  std::int64_t calls = 0;
};

struct find_limit {
  std::string name;
  std::int64_t parts = 0, calls = 0, updated_at = 0, blocked_until = 0;
  statement sql;
  explicit find_limit(session& db)
      : sql(db, "find shared limit",
            "SELECT parts, calls, updated_at, blocked_until FROM shared_limits WHERE name = :name" +
              db.sql_dialect().for_update()) {
    sql.in(name).out(parts).out(calls).out(updated_at).out(blocked_until);
  }
};

/// A row to lock where there is none yet: of two nodes that spend first at the same time, one waits for the other.
struct begin_limit {
  std::string name;
  statement sql;
  explicit begin_limit(session& db)
      : sql(db, "begin shared limit",
            "INSERT INTO shared_limits (name, parts, calls, updated_at, blocked_until) VALUES (:name, 0, 0, 0, 0) "
            "ON CONFLICT (name) DO NOTHING") {
    sql.in(name);
  }
};

struct put_limit {
  std::string name;
  std::int64_t parts = 0, calls = 0, updated_at = 0, blocked_until = 0;
  statement sql;
  explicit put_limit(session& db)
      : sql(db, "write shared limit",
            "INSERT INTO shared_limits (name, parts, calls, updated_at, blocked_until) VALUES (:name, :parts, :calls, "
            ":updated_at, :blocked_until) ON CONFLICT (name) DO UPDATE SET parts = excluded.parts, "
            "calls = excluded.calls, updated_at = excluded.updated_at, blocked_until = excluded.blocked_until") {
    sql.in(name).in(parts).in(calls).in(updated_at).in(blocked_until);
  }
};

struct old_limits {
  std::int64_t before = 0, also_before = 0, limit = 0, still_before = 0, blocked_before = 0;
  statement sql;
  explicit old_limits(session& db)
      : sql(db, "sweep shared limits",
            "DELETE FROM shared_limits WHERE name IN (SELECT name FROM shared_limits WHERE updated_at < :before "
            "AND blocked_until < :also_before LIMIT :limit) AND updated_at < :still_before "
            "AND blocked_until < :blocked_before") { // it may be used while it is waited for
    sql.in(before).in(also_before).in(limit).in(still_before).in(blocked_before);
  }
};

std::optional<limit_row> read(session& db, const std::string& name) {
  auto& find = db.query<find_limit>();
  find.name = name;
  if (!find.sql.one()) {
    if (!db.sql_dialect().shared())
      return std::nullopt;
    auto& begin = db.query<begin_limit>();
    begin.name = name;
    begin.sql.run();
    if (!find.sql.one() || find.updated_at == 0)
      return std::nullopt;
  }
  return limit_row{{find.parts, moment(find.updated_at), moment(find.blocked_until)}, find.calls};
}

void write(session& db, const std::string& name, const limit_row& row) {
  auto& put = db.query<put_limit>();
  put.name = name;
  put.parts = row.bucket.parts;
  put.calls = row.calls;
  put.updated_at = micros(row.bucket.updated_at);
  put.blocked_until = micros(row.bucket.blocked_until);
  put.sql.run();
}

void block(write_state& state, const std::string& prefix, timestamp until) {
  const auto name = group_limit_name(prefix);
  auto row = read(state.db, name).value_or(limit_row{{0, state.now, no_time}, 0});
  if (row.bucket.blocked_until >= until)
    return;
  row.bucket.blocked_until = until;
  write(state.db, name, row);
  state.news.add(commit_news::block{prefix, until});
}

} // namespace

result<void> apply(write_state& state, change_context& context, const spend_tokens& change) {
  if (auto fits = validate(change.rate); !fits)
    return fits;
  const auto known = read(state.db, change.name);
  auto bucket = known && known->bucket.updated_at != no_time && known->calls >= 0
                  ? token_bucket(change.rate, known->bucket)
                  : token_bucket(change.rate, state.now);
  bucket.spend(change.tokens, state.now);
  const auto& after = bucket.state();
  write(state.db, change.name, {after, known ? known->calls : 0});
  context.result.created.insert(context.result.created.end(),
                                {after.parts, micros(after.updated_at), micros(after.blocked_until)});
  return {};
}

result<void> apply(write_state& state, change_context&, const block_group& change) {
  if (change.prefix.empty())
    return failure(error_code::invalid_argument, "a block needs the prefix of a group");
  block(state, change.prefix, change.until);
  return {};
}

result<void> apply(write_state& state, change_context&, const count_calls& change) {
  if (change.rule.calls < 1 || change.calls < 1)
    return failure(error_code::invalid_argument, "calls are counted from one");
  const auto name = "calls " + to_string(change.run) + " " + change.prefix;
  auto row = read(state.db, name).value_or(limit_row{});
  row.bucket.updated_at = state.now;
  const auto before = row.calls / change.rule.calls;
  row.calls += change.calls;
  write(state.db, name, row);
  if (row.calls / change.rule.calls > before)
    block(state, change.prefix, state.now + change.rule.pause);
  return {};
}

void sweep_shared_limits(session& db, timestamp before, std::int64_t limit) {
  auto& old = db.query<old_limits>();
  old.before = old.also_before = old.still_before = old.blocked_before = micros(before);
  old.limit = limit;
  old.sql.run();
}

} // namespace penstock::storage
