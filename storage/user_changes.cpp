#include <string>

#include <boost/json.hpp>

#include "core/id_text.hpp"
#include "storage/access_changes.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct count_users {
  std::int64_t count = 0;
  statement sql;
  explicit count_users(session& db) : sql(db, "count users", "SELECT COUNT(*) FROM users") { sql.out(count); }
};

struct insert_user {
  std::int64_t id = 0, grants = 0, created_at = 0, updated_at = 0;
  std::string name, password_hash, created_by;
  nullable<std::int64_t> organisation;
  statement sql;
  explicit insert_user(session& db)
      : sql(db, "add user",
            "INSERT INTO users (id, name, password_hash, role, organisation_id, created_by, created_at, updated_at, "
            "last_signed_in_at, version) VALUES (:id, :name, :password, :role, :organisation, :by, :created, :updated, "
            "NULL, 1) ON CONFLICT (name) DO NOTHING") {
    sql.in(id).in(name).in(password_hash).in(grants).in(organisation).in(created_by).in(created_at).in(updated_at);
  }
};

struct hold_user {
  std::int64_t id = 0, version = 0, grants = 0;
  nullable<std::int64_t> organisation;
  std::string name, password_hash;
  statement sql;
  explicit hold_user(session& db)
      : sql(db, "hold user",
            "SELECT version, role, password_hash, name, organisation_id FROM users WHERE id = :id" +
              db.sql_dialect().for_update()) {
    sql.in(id).out(version).out(grants).out(password_hash).out(name).out(organisation);
  }
};

struct update_user {
  std::int64_t id = 0, grants = 0, now = 0;
  std::string password_hash;
  statement sql;
  explicit update_user(session& db)
      : sql(db, "edit user",
            "UPDATE users SET role = :role, password_hash = :password, version = version + 1, updated_at = :now WHERE "
            "id = :id") {
    sql.in(grants).in(password_hash).in(now).in(id);
  }
};

struct delete_user {
  std::int64_t id = 0;
  statement sql;
  explicit delete_user(session& db) : sql(db, "remove user", "DELETE FROM users WHERE id = :id") { sql.in(id); }
};

struct delete_sessions_of {
  std::int64_t user = 0;
  std::string kept;
  statement sql;
  explicit delete_sessions_of(session& db)
      : sql(db, "end sessions of user", "DELETE FROM user_sessions WHERE user_id = :user AND hash <> :kept") {
    sql.in(user).in(kept);
  }
  static void run(session& db, user_id of, const std::string& but) {
    auto& query = db.query<delete_sessions_of>();
    query.user = of.value;
    query.kept = but;
    query.sql.run();
  }
};

struct delete_session {
  std::string hash;
  statement sql;
  explicit delete_session(session& db) : sql(db, "end session", "DELETE FROM user_sessions WHERE hash = :hash") {
    sql.in(hash);
  }
};

struct delete_expired_sessions {
  std::int64_t now = 0;
  statement sql;
  explicit delete_expired_sessions(session& db)
      : sql(db, "forget expired sessions", "DELETE FROM user_sessions WHERE expires_at <= :now") {
    sql.in(now);
  }
};

/// All but those that a user opened last.
struct delete_oldest_sessions {
  std::int64_t user = 0, also_user = 0, kept = 0;
  statement sql;
  explicit delete_oldest_sessions(session& db)
      : sql(db, "forget oldest sessions",
            "DELETE FROM user_sessions WHERE user_id = :user AND hash NOT IN (SELECT hash FROM user_sessions WHERE "
            "user_id = :also_user ORDER BY created_at DESC, hash LIMIT :kept)") {
    sql.in(user).in(also_user).in(kept);
  }
};

struct insert_session {
  std::int64_t user = 0, created_at = 0, expires_at = 0;
  std::string hash;
  nullable<std::string> address;
  statement sql;
  explicit insert_session(session& db)
      : sql(db, "open session",
            "INSERT INTO user_sessions (hash, user_id, created_at, expires_at, address) VALUES (:hash, :user, "
            ":created, :expires, :address)") {
    sql.in(hash).in(user).in(created_at).in(expires_at).in(address);
  }
};

struct note_sign_in {
  std::int64_t id = 0, at = 0;
  statement sql;
  explicit note_sign_in(session& db)
      : sql(db, "note sign-in", "UPDATE users SET last_signed_in_at = :at WHERE id = :id") {
    sql.in(at).in(id);
  }
};

event_draft user_event(std::string type, user_id id, const std::string& name, role grants, organisation_id of) {
  boost::json::object data{{"user_id", to_string(id)}, {"name", name}, {"role", to_string(grants)}};
  if (of)
    data["organisation_id"] = to_string(of);
  return {.type = std::move(type),
          .subject = "users/" + to_string(id),
          .data = boost::json::serialize(data),
          .integration = {},
          .organisation = of};
}

auto no_user(user_id id) { return failure(error_code::not_found, "there is no user " + to_string(id)); }

auto no_password() { return failure(error_code::invalid_argument, "a user is stored with the hash of a password"); }

} // namespace

result<void> apply(change_context& context, const add_user& change) {
  const auto& value = change.value;
  if (auto fine = check_access_name(value.name); !fine)
    return fine;
  if (value.password_hash.empty())
    return no_password();
  auto& count = context.db.query<count_users>();
  if (count.sql.one() && count.count >= most_users)
    return failure(error_code::conflict, "there are 10,000 users already: remove those that nobody needs");
  if (auto known = require_organisation(context.db, value.organisation); !known)
    return known;
  auto& insert = context.db.query<insert_user>();
  const auto id = value.id ? value.id : context.ids.make<user_id>();
  insert.id = id.value;
  insert.name = value.name;
  insert.password_hash = value.password_hash;
  insert.grants = static_cast<std::int64_t>(value.grants);
  insert.organisation.set_or_null(value.organisation.value);
  insert.created_by = value.created_by;
  insert.created_at = insert.updated_at = micros(context.now);
  if (insert.sql.run() != 1)
    return failure(error_code::conflict, "there is a user '" + value.name + "' already");
  context.result.created.push_back(id.value);
  context.effects.raise(user_event("user.created", id, value.name, value.grants, value.organisation));
  return {};
}

result<void> apply(change_context& context, const edit_user& change) {
  auto& held = context.db.query<hold_user>();
  held.id = change.id.value;
  if (!held.sql.one())
    return no_user(change.id);
  if (change.expected_version && *change.expected_version != held.version)
    return failure(error_code::precondition_failed,
                   "user " + to_string(change.id) + " was edited meanwhile: read it again");
  if (change.password_hash && change.password_hash->empty())
    return no_password();
  auto& update = context.db.query<update_user>();
  update.id = change.id.value;
  update.grants = change.grants ? static_cast<std::int64_t>(*change.grants) : held.grants;
  update.password_hash = change.password_hash.value_or(held.password_hash);
  update.now = micros(context.now);
  update.sql.run();
  delete_sessions_of::run(context.db, change.id, change.session_kept);
  context.effects.raise(user_event("user.updated", change.id, held.name, static_cast<role>(update.grants),
                                   {held.organisation.value_or(0)}));
  return {};
}

result<void> apply(change_context& context, const remove_user& change) {
  auto& held = context.db.query<hold_user>();
  held.id = change.id.value;
  if (!held.sql.one())
    return no_user(change.id);
  auto& remove = context.db.query<delete_user>();
  remove.id = change.id.value;
  remove.sql.run();
  delete_sessions_of::run(context.db, change.id, {});
  context.effects.raise(
    user_event("user.removed", change.id, held.name, static_cast<role>(held.grants), {held.organisation.value_or(0)}));
  return {};
}

result<void> apply(change_context& context, const open_session& change) {
  auto& held = context.db.query<hold_user>();
  held.id = change.user.value;
  if (!held.sql.one())
    return no_user(change.user);
  if (change.expected_version != held.version)
    return failure(error_code::precondition_failed, "the user was edited meanwhile: sign in again");
  auto& expired = context.db.query<delete_expired_sessions>();
  expired.now = micros(context.now);
  expired.sql.run();
  auto& insert = context.db.query<insert_session>();
  insert.hash = change.hash;
  insert.user = change.user.value;
  insert.created_at = micros(context.now);
  insert.expires_at = micros(change.expires_at);
  insert.address.set_or_null(change.address);
  insert.sql.run();
  auto& oldest = context.db.query<delete_oldest_sessions>();
  oldest.user = oldest.also_user = change.user.value;
  oldest.kept = most_sessions_of_user;
  oldest.sql.run();
  auto& note = context.db.query<note_sign_in>();
  note.id = change.user.value;
  note.at = micros(context.now);
  note.sql.run();
  return {};
}

result<void> apply(change_context& context, const close_session& change) {
  auto& remove = context.db.query<delete_session>();
  remove.hash = change.hash;
  remove.sql.run(); // one that is gone is closed
  return {};
}

} // namespace penstock::storage
