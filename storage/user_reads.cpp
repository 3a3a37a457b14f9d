#include "storage/user_reads.hpp"

#include <string>

#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct user_columns {
  static constexpr const char* names = "u.id, u.name, u.password_hash, u.role, u.organisation_id, u.created_by, "
                                       "u.created_at, u.updated_at, u.last_signed_in_at, u.version";
  user row;
  std::int64_t grants = 0, created_at = 0, updated_at = 0;
  nullable<std::int64_t> organisation, last_signed_in_at;

  void bind(statement& sql) {
    sql.out(row.id.value).out(row.name).out(row.password_hash).out(grants).out(organisation).out(row.created_by);
    sql.out(created_at).out(updated_at).out(last_signed_in_at).out(row.version);
  }
  [[nodiscard]] user value() const {
    auto found = row;
    found.grants = static_cast<role>(grants);
    found.organisation = {organisation.value_or(0)};
    found.created_at = moment(created_at);
    found.updated_at = moment(updated_at);
    found.last_signed_in_at = moment_or_none(last_signed_in_at);
    return found;
  }
};

struct list_users {
  user_columns row;
  statement sql;
  explicit list_users(session& db)
      : sql(db, "list users", std::string{"SELECT "} + user_columns::names + " FROM users u ORDER BY u.id DESC") {
    row.bind(sql);
  }
};

struct find_user_row {
  std::int64_t id = 0;
  user_columns row;
  statement sql;
  explicit find_user_row(session& db)
      : sql(db, "find user", std::string{"SELECT "} + user_columns::names + " FROM users u WHERE u.id = :wanted") {
    sql.in(id);
    row.bind(sql);
  }
};

struct find_user_of_name {
  std::string name;
  user_columns row;
  statement sql;
  explicit find_user_of_name(session& db)
      : sql(db, "find user of that name",
            std::string{"SELECT "} + user_columns::names + " FROM users u WHERE u.name = :wanted") {
    sql.in(name);
    row.bind(sql);
  }
};

/// Without hashes of passwords: every node keeps what is read here.
struct list_sessions {
  std::int64_t now = 0, grants = 0, created_at = 0, expires_at = 0;
  nullable<std::int64_t> organisation;
  nullable<std::string> address;
  user_session row;
  statement sql;
  explicit list_sessions(session& db)
      : sql(db, "list sessions of users",
            "SELECT s.hash, s.created_at, s.expires_at, s.address, u.id, u.name, u.role, u.organisation_id FROM "
            "user_sessions s JOIN users u ON u.id = s.user_id WHERE s.expires_at > :now") {
    sql.in(now).out(row.hash).out(created_at).out(expires_at).out(address);
    sql.out(row.who.id.value).out(row.who.name).out(grants).out(organisation);
  }
  [[nodiscard]] user_session value() const {
    auto found = row;
    found.who.grants = static_cast<role>(grants);
    found.who.organisation = {organisation.value_or(0)};
    found.created_at = moment(created_at);
    found.expires_at = moment(expires_at);
    found.address = address.value_or("");
    return found;
  }
};

} // namespace

std::vector<user> read_users(session& db) {
  std::vector<user> all;
  auto& query = db.query<list_users>();
  for (bool row = query.sql.first(); row; row = query.sql.next())
    all.push_back(query.row.value());
  return all;
}

std::optional<user> read_user(session& db, user_id id) {
  auto& query = db.query<find_user_row>();
  query.id = id.value;
  return query.sql.one() ? std::optional(query.row.value()) : std::nullopt;
}

std::optional<user> read_user_named(session& db, const std::string& name) {
  auto& query = db.query<find_user_of_name>();
  query.name = name;
  return query.sql.one() ? std::optional(query.row.value()) : std::nullopt;
}

std::vector<user_session> read_user_sessions(session& db, timestamp now) {
  std::vector<user_session> all;
  auto& query = db.query<list_sessions>();
  query.now = micros(now);
  for (bool row = query.sql.first(); row; row = query.sql.next())
    all.push_back(query.value());
  return all;
}

} // namespace penstock::storage
