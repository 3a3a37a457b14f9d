#include "connectors/monzo/account_rows.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "connectors/json_rows.hpp"
#include "connectors/monzo/tables.hpp"

namespace penstock::connectors::monzo {
namespace {

/// What is wrong with it, or nothing.
std::string read_account(simdjson::ondemand::object& object, std::string_view raw, synced_row& row) {
  field_checks checks;
  column_value id;
  auto& columns = row.values;
  columns.assign(account_column_count, std::monostate{});
  columns[account_is_closed] = std::int64_t{0};
  for (auto field : object) {
    std::string_view key;
    if (field.unescaped_key().get(key))
      return "a name in it cannot be read";
    simdjson::ondemand::value value = field.value();
    if (key == "id")
      checks.text(key, value, id);
    else if (key == "description")
      checks.text(key, value, columns[account_description]);
    else if (key == "type")
      checks.text_if_any(key, value, columns[account_type]);
    else if (key == "currency")
      checks.text_if_any(key, value, columns[account_currency]);
    else if (key == "country_code")
      checks.text_if_any(key, value, columns[account_country_code]);
    else if (key == "account_number")
      checks.text_if_any(key, value, columns[account_number]);
    else if (key == "sort_code")
      checks.text_if_any(key, value, columns[account_sort_code]);
    else if (key == "closed")
      checks.flag(key, value, columns[account_is_closed]);
    else if (key == "created")
      checks.time(key, value, columns[account_created_at]);
  }
  checks.require("id", id);
  if (auto* text = std::get_if<std::string>(&id))
    row.source_id = std::move(*text);
  columns[account_raw] = std::string(raw);
  return checks.problem();
}

} // namespace

result<row_page> read_accounts(std::string& body) {
  return read_rows(body, "accounts", "Monzo's accounts", accounts_table, "account", read_account);
}

std::vector<std::string> keep_types(row_page& accounts, const std::vector<std::string>& types) {
  std::vector<std::string> others;
  if (types.empty())
    return others;
  std::erase_if(accounts.rows, [&](const synced_row& row) {
    const auto* type = std::get_if<std::string>(&row.values[account_type]);
    if (!type || std::find(types.begin(), types.end(), *type) != types.end())
      return false;
    if (std::find(others.begin(), others.end(), *type) == others.end())
      others.push_back(*type);
    return true;
  });
  return others;
}

bool may_have_none(const synced_row& account) {
  constexpr std::array<std::string_view, 4> current_accounts{"uk_retail", "uk_retail_joint", "uk_business",
                                                             "uk_prepaid"};
  if (account.values[account_is_closed] == column_value(std::int64_t{1}))
    return true;
  const auto* type = std::get_if<std::string>(&account.values[account_type]);
  return type && std::find(current_accounts.begin(), current_accounts.end(), *type) == current_accounts.end();
}

} // namespace penstock::connectors::monzo
