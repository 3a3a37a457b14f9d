#include <string>

#include "core/id_text.hpp"
#include "storage/access_changes.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

constexpr std::size_t hash_digits = 64;

struct count_tokens {
  std::int64_t count = 0;
  statement sql;
  explicit count_tokens(session& db) : sql(db, "count tokens", "SELECT COUNT(*) FROM access_tokens") { sql.out(count); }
};

struct insert_token {
  std::int64_t id = 0, grants = 0, created_at = 0;
  std::string name, hash, created_by;
  nullable<std::int64_t> organisation, expires_at;
  statement sql;
  explicit insert_token(session& db)
      : sql(db, "add token",
            "INSERT INTO access_tokens (id, name, hash, role, organisation_id, created_by, created_at, expires_at, "
            "last_used_at) VALUES (:id, :name, :hash, :role, :organisation, :by, :created, :expires, NULL) "
            "ON CONFLICT (hash) DO NOTHING") {
    sql.in(id).in(name).in(hash).in(grants).in(organisation).in(created_by).in(created_at).in(expires_at);
  }
};

struct delete_token {
  std::int64_t id = 0;
  statement sql;
  explicit delete_token(session& db) : sql(db, "remove token", "DELETE FROM access_tokens WHERE id = :id") {
    sql.in(id);
  }
};

struct note_use {
  std::int64_t id = 0, at = 0, also_at = 0;
  statement sql;
  explicit note_use(session& db)
      : sql(db, "note use of token",
            "UPDATE access_tokens SET last_used_at = :at WHERE id = :id AND (last_used_at IS NULL OR last_used_at < "
            ":also_at)") {
    sql.in(at).in(id).in(also_at);
  }
};

} // namespace

result<void> apply(change_context& context, const add_token& change) {
  const auto& value = change.value;
  if (auto fine = check_access_name(value.name); !fine)
    return fine;
  if (value.hash.size() != hash_digits)
    return failure(error_code::invalid_argument, "a token is stored as the 64 digits of its SHA-256");
  if (value.expires_at != no_time && value.expires_at <= context.now)
    return failure(error_code::invalid_argument, "the token would have expired already: name a later time");
  auto& count = context.db.query<count_tokens>();
  if (count.sql.one() && count.count >= most_tokens)
    return failure(error_code::conflict, "there are 10,000 tokens already: revoke those that are not used");
  if (auto known = require_organisation(context.db, value.organisation); !known)
    return known;
  auto& insert = context.db.query<insert_token>();
  const auto id = value.id ? value.id : context.ids.make<token_id>();
  insert.id = id.value;
  insert.name = value.name;
  insert.hash = value.hash;
  insert.grants = static_cast<std::int64_t>(value.grants);
  insert.organisation.set_or_null(value.organisation.value);
  insert.created_by = value.created_by;
  insert.created_at = micros(context.now);
  set_moment(insert.expires_at, value.expires_at);
  if (insert.sql.run() != 1)
    return failure(error_code::conflict, "this very token is stored already");
  context.result.created.push_back(id.value);
  return {};
}

result<void> apply(change_context& context, const remove_token& change) {
  auto& remove = context.db.query<delete_token>();
  remove.id = change.id.value;
  if (remove.sql.run() != 1)
    return failure(error_code::not_found, "there is no token " + to_string(change.id));
  return {};
}

result<void> apply(change_context& context, const note_token_uses& change) {
  auto& note = context.db.query<note_use>();
  for (const auto& use : change.uses) {
    note.id = use.id.value;
    note.at = note.also_at = micros(use.at);
    note.sql.run();
  }
  return {};
}

} // namespace penstock::storage
