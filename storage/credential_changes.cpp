#include "storage/credential_changes.hpp"

#include <string>

#include "core/id_text.hpp"
#include "storage/integration_rows.hpp"
#include "storage/sealed_credential.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct insert_credential {
  std::int64_t id = 0, integration = 0, updated_at = 0;
  std::string body;
  statement sql;
  explicit insert_credential(session& db)
      : sql(db, "insert credential",
            "INSERT INTO credentials (id, integration_id, version, body, updated_at) "
            "VALUES (:id, :integration, 1, :body, :updated_at) ON CONFLICT (integration_id) DO NOTHING") {
    sql.in(id).in(integration).in(body).in(updated_at);
  }
};

struct replace_credential {
  std::int64_t integration = 0, replaces = 0, updated_at = 0;
  std::string body;
  statement sql;
  explicit replace_credential(session& db)
      : sql(db, "replace credential",
            "UPDATE credentials SET version = version + 1, body = :body, updated_at = :updated_at "
            "WHERE integration_id = :integration AND version = :replaces") {
    sql.in(body).in(updated_at).in(integration).in(replaces);
  }
};

struct hold_credential {
  std::int64_t integration = 0, version = 0;
  statement sql;
  explicit hold_credential(session& db)
      : sql(db, "hold credential",
            "SELECT version FROM credentials WHERE integration_id = :integration" + db.sql_dialect().for_update()) {
    sql.in(integration).out(version);
  }
};

struct take_refresh {
  std::string name;
  std::int64_t now = 0, until = 0, also_now = 0;
  statement sql;
  explicit take_refresh(session& db)
      : sql(db, "take refresh",
            "INSERT INTO shared_limits (name, parts, calls, updated_at, blocked_until) VALUES (:name, 0, 0, :now, "
            ":until) ON CONFLICT (name) DO UPDATE SET updated_at = excluded.updated_at, blocked_until = "
            "excluded.blocked_until WHERE shared_limits.blocked_until <= :also_now") {
    sql.in(name).in(now).in(until).in(also_now);
  }
};

struct give_refresh_back {
  std::string name;
  std::int64_t until = 0;
  statement sql;
  explicit give_refresh_back(session& db)
      : sql(db, "give refresh back", "DELETE FROM shared_limits WHERE name = :name AND blocked_until = :until") {
    sql.in(name).in(until);
  }
};

/// Of one version: what is stored next is nobody's yet.
std::string refresh_name(integration_id integration, std::int64_t version) {
  return "refresh " + to_string(integration) + " " + std::to_string(version);
}

bool is_current(change_context& context, integration_id integration, std::int64_t version) {
  auto& query = context.db.query<hold_credential>();
  query.integration = integration.value;
  return query.sql.one() && query.version == version;
}

auto replaced_meanwhile(integration_id integration) {
  return failure(error_code::conflict,
                 "the credential of integration " + to_string(integration) + " was replaced meanwhile: read it again");
}

} // namespace

result<void> apply(change_context& context, const begin_refresh& change) {
  const auto owner = find_integration_row(context.db, change.integration);
  if (!owner)
    return failure(error_code::not_found, "there is no integration " + to_string(change.integration));
  if (!is_current(context, change.integration, change.version))
    return replaced_meanwhile(change.integration);
  if (owner->schedule.status == integration_status::requires_reauth)
    return failure(error_code::requires_reauth,
                   owner->last_error.empty() ? "a person must authorise again" : owner->last_error);
  auto& take = context.db.query<take_refresh>();
  take.name = refresh_name(change.integration, change.version);
  take.now = take.also_now = micros(context.now);
  take.until = micros(change.until);
  if (take.sql.run() != 1)
    return failure(error_code::conflict,
                   "another node refreshes the credential of integration " + to_string(change.integration));
  return {};
}

result<void> apply(change_context& context, const end_refresh& change) {
  if (change.still_current) {
    // The integration first, as all do: no two wait for each other.
    if (!find_integration_row(context.db, change.integration))
      return failure(error_code::not_found, "there is no integration " + to_string(change.integration));
    if (!is_current(context, change.integration, change.version))
      return replaced_meanwhile(change.integration);
  }
  if (change.until == no_time)
    return {};
  auto& give = context.db.query<give_refresh_back>();
  give.name = refresh_name(change.integration, change.version);
  give.until = micros(change.until);
  if (give.sql.run() != 1 && change.still_current)
    return failure(error_code::conflict,
                   "another node refreshes the credential of integration " + to_string(change.integration));
  return {};
}

result<void> apply(change_context& context, const store_credential& change) {
  const auto owner = change.value.integration;
  if (!context.secrets)
    return failure(error_code::bad_configuration,
                   "credentials cannot be stored without a key file: set secrets.key_file");
  if (!find_integration_row(context.db, owner))
    return failure(error_code::not_found, "there is no integration " + to_string(owner));
  bool stored = false;
  if (change.replaces == 0) {
    auto& query = context.db.query<insert_credential>();
    const auto id = change.value.id ? change.value.id : context.ids.make<credential_id>();
    query.id = id.value;
    query.integration = owner.value;
    query.body = seal_credential(*context.secrets, change.value);
    query.updated_at = micros(context.now);
    stored = query.sql.run() == 1;
    if (stored)
      context.result.created.push_back(id.value);
  } else {
    auto& query = context.db.query<replace_credential>();
    query.integration = owner.value;
    query.replaces = change.replaces;
    query.body = seal_credential(*context.secrets, change.value);
    query.updated_at = micros(context.now);
    stored = query.sql.run() == 1;
  }
  if (!stored)
    return replaced_meanwhile(owner);
  return {};
}

} // namespace penstock::storage
