#include "connectors/monzo/transaction_rows.hpp"

#include <utility>

#include "connectors/json_rows.hpp"
#include "connectors/monzo/tables.hpp"

namespace penstock::connectors::monzo {
namespace {

namespace ondemand = simdjson::ondemand;

/// null, the id of a merchant (no name known), or the merchant itself.
void read_merchant(ondemand::value value, field_checks& checks, column_value& name) {
  ondemand::json_type type{};
  if (value.type().get(type) || type != ondemand::json_type::object)
    return;
  ondemand::value found;
  if (!value.find_field_unordered("name").get(found))
    checks.text_if_any("merchant.name", found, name);
}

void read_field(std::string_view key, ondemand::value value, field_checks& checks, synced_row& row, column_value& id,
                column_value& version) {
  auto& columns = row.values;
  if (key == "id")
    checks.text(key, value, id);
  else if (key == "account_id")
    checks.text_if_any(key, value, columns[transaction_account_id]);
  else if (key == "created")
    checks.time(key, value, columns[transaction_created_at]);
  else if (key == "updated")
    checks.time(key, value, version);
  else if (key == "settled")
    checks.time(key, value, columns[transaction_settled_at]);
  else if (key == "amount")
    checks.integer(key, value, columns[transaction_amount]);
  else if (key == "currency")
    checks.text(key, value, columns[transaction_currency]);
  else if (key == "local_amount")
    checks.integer(key, value, columns[transaction_local_amount]);
  else if (key == "local_currency")
    checks.text_if_any(key, value, columns[transaction_local_currency]);
  else if (key == "description")
    checks.text(key, value, columns[transaction_description]);
  else if (key == "category")
    checks.text_if_any(key, value, columns[transaction_category]);
  else if (key == "decline_reason")
    checks.text_if_any(key, value, columns[transaction_decline_reason]);
  else if (key == "merchant")
    read_merchant(value, checks, columns[transaction_merchant_name]);
}

/// What is wrong with it, or nothing.
std::string read_transaction(ondemand::object& object, std::string_view raw, std::string_view account,
                             synced_row& row) {
  field_checks checks;
  column_value id, version;
  auto& columns = row.values;
  columns.assign(transaction_column_count, std::monostate{});
  for (auto field : object) {
    std::string_view key;
    if (field.unescaped_key().get(key))
      return "a name in it cannot be read";
    read_field(key, field.value(), checks, row, id, version);
  }
  checks.require("id", id);
  checks.require("created", columns[transaction_created_at]);
  checks.require("amount", columns[transaction_amount]);
  checks.require("currency", columns[transaction_currency]);
  if (auto* text = std::get_if<std::string>(&id))
    row.source_id = std::move(*text);
  if (const auto* updated = std::get_if<std::int64_t>(&version))
    row.version = *updated;
  if (std::holds_alternative<std::monostate>(columns[transaction_account_id]))
    columns[transaction_account_id] = std::string(account);
  // What was declined settles never, and its amount did not move.
  columns[transaction_is_pending] =
    std::int64_t{std::holds_alternative<std::monostate>(columns[transaction_settled_at]) &&
                 std::holds_alternative<std::monostate>(columns[transaction_decline_reason])};
  columns[transaction_raw] = std::string(raw);
  return checks.problem();
}

} // namespace

result<row_page> read_transactions(std::string& body, std::string_view account) {
  return read_rows(body, "transactions", "Monzo's transactions", transactions_table, "transaction",
                   [account](ondemand::object& object, std::string_view raw, synced_row& row) {
                     return read_transaction(object, raw, account, row);
                   });
}

} // namespace penstock::connectors::monzo
