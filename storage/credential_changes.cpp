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

} // namespace

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
    return failure(error_code::conflict,
                   "the credential of integration " + to_string(owner) + " was replaced meanwhile: read it again");
  return {};
}

} // namespace penstock::storage
