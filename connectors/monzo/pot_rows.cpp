#include "connectors/monzo/pot_rows.hpp"

#include <utility>

#include "connectors/json_rows.hpp"
#include "connectors/monzo/tables.hpp"

namespace penstock::connectors::monzo {
namespace {

namespace ondemand = simdjson::ondemand;

/// Texts and flags that stand in a column as they come.
constexpr std::pair<std::string_view, pot_column> plain_texts[] = {{"current_account_id", pot_account_id},
                                                                   {"name", pot_name},
                                                                   {"style", pot_style},
                                                                   {"type", pot_type},
                                                                   {"product_id", pot_product_id},
                                                                   {"isa_wrapper", pot_isa_wrapper},
                                                                   {"charity_id", pot_charity_id},
                                                                   {"cover_image_url", pot_cover_image_url}};
constexpr std::pair<std::string_view, pot_column> flags[] = {{"round_up", pot_round_up},
                                                             {"is_tax_pot", pot_is_tax_pot},
                                                             {"locked", pot_locked},
                                                             {"available_for_bills", pot_available_for_bills}};
constexpr std::pair<std::string_view, pot_column> numbers[] = {
  {"balance", pot_balance}, {"goal_amount", pot_goal_amount}, {"round_up_multiplier", pot_round_up_multiplier}};

void read_field(std::string_view key, ondemand::value value, field_checks& checks, std::vector<column_value>& columns) {
  for (const auto& [name, column] : plain_texts)
    if (key == name)
      return checks.text_if_any(key, value, columns[column]);
  for (const auto& [name, column] : flags)
    if (key == name)
      return checks.flag(key, value, columns[column]);
  for (const auto& [name, column] : numbers)
    if (key == name)
      return checks.integer(key, value, columns[column]);
  if (key == "currency")
    checks.text(key, value, columns[pot_currency]);
  else if (key == "created")
    checks.time(key, value, columns[pot_created_at]);
}

/// What is wrong with it, or nothing.
std::string read_pot(ondemand::object& object, std::string_view raw, std::string_view account, synced_row& row) {
  field_checks checks;
  column_value id, version, deleted;
  auto& columns = row.values;
  columns.assign(pot_column_count, std::monostate{});
  for (auto field : object) {
    std::string_view key;
    if (field.unescaped_key().get(key))
      return "a name in it cannot be read";
    ondemand::value value = field.value();
    if (key == "id")
      checks.text(key, value, id);
    else if (key == "updated")
      checks.time(key, value, version);
    else if (key == "deleted")
      checks.flag(key, value, deleted);
    else
      read_field(key, value, checks, columns);
  }
  checks.require("id", id);
  checks.require("balance", columns[pot_balance]);
  checks.require("currency", columns[pot_currency]);
  if (auto* text = std::get_if<std::string>(&id))
    row.source_id = std::move(*text);
  if (const auto* updated = std::get_if<std::int64_t>(&version))
    row.version = *updated;
  row.deleted = deleted == column_value(std::int64_t{1});
  if (std::holds_alternative<std::monostate>(columns[pot_account_id]))
    columns[pot_account_id] = std::string(account);
  columns[pot_raw] = std::string(raw);
  return checks.problem();
}

} // namespace

result<row_page> read_pots(std::string& body, std::string_view account) {
  return read_rows(body, "pots", "Monzo's pots", pots_table, "pot",
                   [account](ondemand::object& object, std::string_view raw, synced_row& row) {
                     return read_pot(object, raw, account, row);
                   });
}

} // namespace penstock::connectors::monzo
