#include "storage/copy_facts.hpp"

#include "storage/statement.hpp"
#include "storage/storage_exception.hpp"

namespace penstock::storage {

copy_facts read_copy_facts(session& db) {
  copy_facts facts;
  facts.database = db.sql_dialect().shared() ? "postgresql" : "sqlite";
  const auto tables = read_tables(db);
  if (find_table(tables, "schema_migrations") == nullptr)
    throw storage_exception(error{error_code::bad_configuration,
                                  "there is no Penstock database yet: start a node, or run 'penstock migrate'"});
  std::string owner;
  std::int64_t number = 0;
  statement steps(db, "read migrations", "SELECT owner, number FROM schema_migrations ORDER BY owner, number");
  steps.out(owner).out(number);
  for (bool row = steps.first(); row; row = steps.next())
    facts.steps.emplace_back(owner, static_cast<int>(number));
  const auto* keys = find_table(tables, "secret_keys");
  if (keys == nullptr)
    return facts;
  std::int64_t changes = 0;
  statement key(db, "read the key's fingerprint",
                std::string{"SELECT fingerprint, "} +
                  (keys->has("changing_since") ? "CASE WHEN changing_since IS NULL THEN 0 ELSE 1 END" : "0") +
                  " FROM secret_keys WHERE id = 1");
  key.out(facts.fingerprint).out(changes);
  key.one();
  facts.key_changes = changes != 0;
  return facts;
}

} // namespace penstock::storage
