#include "storage/webhook_changes.hpp"

#include "core/id_text.hpp"
#include "storage/integration_rows.hpp"
#include "storage/nullable.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

constexpr std::size_t hash_digits = 64;

std::string purpose_of(integration_id id) { return "webhook/" + to_string(id); }

struct put_address {
  std::int64_t integration = 0, created_at = 0;
  std::string service, hash;
  nullable<std::string> signing_key;
  statement sql;
  explicit put_address(session& db)
      : sql(db, "put webhook address",
            "INSERT INTO webhook_addresses (integration_id, service, hash, signing_key, created_at) VALUES "
            "(:integration, :service, :hash, :key, :created) ON CONFLICT (integration_id) DO UPDATE SET "
            "hash = excluded.hash, created_at = excluded.created_at, "
            "signing_key = COALESCE(excluded.signing_key, webhook_addresses.signing_key)") {
    sql.in(integration).in(service).in(hash).in(signing_key).in(created_at);
  }
};

struct find_hash {
  std::int64_t integration = 0;
  std::string hash;
  statement sql;
  explicit find_hash(session& db)
      : sql(db, "find hash of webhook address", "SELECT integration_id FROM webhook_addresses WHERE hash = :hash") {
    sql.in(hash).out(integration);
  }
};

struct delete_address {
  std::int64_t integration = 0;
  statement sql;
  explicit delete_address(session& db)
      : sql(db, "remove webhook address", "DELETE FROM webhook_addresses WHERE integration_id = :integration") {
    sql.in(integration);
  }
};

struct address_columns {
  webhook_address row;
  std::int64_t created_at = 0, status = 0;
  nullable<std::int64_t> organisation;
  nullable<std::string> signing_key;
  static std::string select(const std::string& condition) {
    return "SELECT a.integration_id, a.service, a.signing_key, a.created_at, i.organisation_id, i.status FROM "
           "webhook_addresses a JOIN integrations i ON i.id = a.integration_id WHERE " +
           condition;
  }
  void bind(statement& sql) {
    sql.out(row.integration.value).out(row.service).out(signing_key).out(created_at).out(organisation).out(status);
  }
  [[nodiscard]] result<std::optional<webhook_address>> value(const secret_box* secrets) const {
    auto found = row;
    found.created_at = moment(created_at);
    found.organisation = {organisation.value_or(0)};
    found.status = static_cast<integration_status>(status);
    if (signing_key.has_value()) {
      if (!secrets)
        return failure(error_code::storage_failed, "there is no key to open stored secrets with");
      auto opened = secrets->open_sealed(signing_key.value, purpose_of(found.integration));
      if (!opened)
        return failure(std::move(opened).error());
      found.signing_key = std::move(*opened);
    }
    return found;
  }
};

struct address_by_hash : address_columns {
  std::string hash;
  statement sql;
  explicit address_by_hash(session& db) : sql(db, "find webhook address", select("a.hash = :hash")) {
    sql.in(hash);
    bind(sql);
  }
};

struct address_of_integration : address_columns {
  std::int64_t integration = 0;
  statement sql;
  explicit address_of_integration(session& db)
      : sql(db, "find webhook address of integration", select("a.integration_id = :integration")) {
    sql.in(integration);
    bind(sql);
  }
};

} // namespace

result<void> apply(change_context& context, const set_webhook_secret& change) {
  const auto owner = find_integration_row(context.db, change.integration);
  if (!owner)
    return failure(error_code::not_found, "there is no integration " + to_string(change.integration));
  if (change.hash.size() != hash_digits)
    return failure(error_code::invalid_argument, "a webhook's secret is stored as the 64 digits of its SHA-256");
  auto& known = context.db.query<find_hash>();
  known.hash = change.hash;
  if (known.sql.one() && known.integration != change.integration.value)
    return failure(error_code::conflict, "another integration has this very webhook secret");
  auto& put = context.db.query<put_address>();
  put.integration = change.integration.value;
  put.service = owner->service;
  put.hash = change.hash;
  put.created_at = micros(context.now);
  put.signing_key.clear();
  if (change.signing_key) {
    if (!context.secrets)
      return failure(error_code::storage_failed, "there is no key to keep secrets with");
    put.signing_key.set(context.secrets->seal(*change.signing_key, purpose_of(change.integration)));
  }
  put.sql.run();
  return {};
}

void remove_webhook_address(session& db, integration_id id) {
  auto& remove = db.query<delete_address>();
  remove.integration = id.value;
  remove.sql.run();
}

result<std::optional<webhook_address>> find_webhook(session& db, const secret_box* secrets, const std::string& hash) {
  auto& query = db.query<address_by_hash>();
  query.hash = hash;
  if (!query.sql.one())
    return std::nullopt;
  return query.value(secrets);
}

result<std::optional<webhook_address>> find_webhook(session& db, const secret_box* secrets, integration_id id) {
  auto& query = db.query<address_of_integration>();
  query.integration = id.value;
  if (!query.sql.one())
    return std::nullopt;
  return query.value(secrets);
}

} // namespace penstock::storage
