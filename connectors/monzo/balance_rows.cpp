#include "connectors/monzo/balance_rows.hpp"

#include <utility>

#include "connectors/json_body.hpp"
#include "connectors/json_rows.hpp"
#include "connectors/monzo/tables.hpp"

namespace penstock::connectors::monzo {
namespace {

namespace ondemand = simdjson::ondemand;

/// What is wrong with it, or nothing.
std::string read_fields(ondemand::object& object, std::vector<column_value>& columns) {
  field_checks checks;
  for (auto field : object) {
    std::string_view key;
    if (field.unescaped_key().get(key))
      return "a name in it cannot be read";
    ondemand::value value = field.value();
    if (key == "balance")
      checks.integer(key, value, columns[balance_balance]);
    else if (key == "total_balance")
      checks.integer(key, value, columns[balance_total_balance]);
    else if (key == "spend_today")
      checks.integer(key, value, columns[balance_spend_today]);
    else if (key == "currency")
      checks.text(key, value, columns[balance_currency]);
  }
  checks.require("balance", columns[balance_balance]);
  checks.require("currency", columns[balance_currency]);
  return checks.problem();
}

} // namespace

std::string balance_id(const balance_facts& facts) { return "monzo_balance_" + facts.account + "_" + facts.date; }

result<balance_page> read_balance(std::string& body, const balance_facts& facts) {
  const auto unreadable = failure(error_code::unexpected_shape, "Monzo's balance: the answer cannot be read");
  // The walk below skips what nobody asks for without looking at it.
  if (const auto whole = read_json(body, "Monzo's balance"); !whole)
    return unreadable;
  synced_row row;
  row.source_id = balance_id(facts);
  row.version = facts.read_at.time_since_epoch().count();
  row.values.assign(balance_column_count, std::monostate{});
  row.values[balance_account_id] = facts.account;
  row.values[balance_date] = facts.date;
  row.values[balance_raw] = body;

  thread_local ondemand::parser parser;
  ondemand::document document;
  ondemand::object object;
  if (parser.iterate(body.data(), body.size(), body.capacity()).get(document) || document.get_object().get(object))
    return unreadable;
  balance_page page;
  if (auto problem = read_fields(object, row.values); problem.empty())
    page.rows.push_back(std::move(row));
  else
    page.errors.push_back({std::string(balances_table), std::move(row.source_id), "balance: " + std::move(problem)});
  return page;
}

} // namespace penstock::connectors::monzo
