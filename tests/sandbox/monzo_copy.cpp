#include "tests/sandbox/monzo_copy.hpp"

#include <vector>

#include <boost/json.hpp>

namespace penstock::sandbox::testing {
namespace {

namespace json = boost::json;

/// Rows and sums by currency, the pound first as in the accounts of the stand-in.
json::object summed(const select_rows& select, const std::string& table, const std::vector<std::string>& columns,
                    const std::string& where) {
  json::object sums;
  std::int64_t rows = 0;
  std::string wanted = "currency, COUNT(*)";
  for (const auto& column : columns) {
    wanted += ", SUM(" + column + ")";
    sums[column] = json::object{};
  }
  for (const auto& row :
       select("SELECT " + wanted + " FROM " + table + " AS t WHERE " + where + " GROUP BY 1 ORDER BY 1 DESC").rows) {
    rows += std::get<std::int64_t>(row[1]);
    for (std::size_t i = 0; i < columns.size(); ++i)
      sums[columns[i]].as_object()[std::get<std::string>(row[0])] = std::get<std::int64_t>(row[i + 2]);
  }
  return {{"rows", rows}, {"sums", std::move(sums)}};
}

} // namespace

std::string monzo_copy(const select_rows& select, const std::string& of) {
  const auto count = [&](const std::string& table) {
    return std::get<std::int64_t>(select("SELECT COUNT(*) FROM " + table + " WHERE " + of).rows.front().front());
  };
  const auto pots = summed(select, "monzo_pots", {"balance"}, "deleted_at IS NULL AND " + of);
  return json::serialize(json::object{
    {"monzo_transactions", summed(select, "monzo_transactions", {"amount"}, "deleted_at IS NULL AND " + of)},
    {"monzo_accounts", {{"rows", count("monzo_accounts")}}},
    {"monzo_pots",
     {{"rows", pots.at("rows")},
      {"deleted", count("monzo_pots") - pots.at("rows").as_int64()},
      {"sums", pots.at("sums")}}},
    {"monzo_balances",
     summed(select, "monzo_balances", {"balance", "total_balance"},
            "date = (SELECT MAX(date) FROM monzo_balances WHERE account_id = t.account_id) AND " + of)}});
}

} // namespace penstock::sandbox::testing
