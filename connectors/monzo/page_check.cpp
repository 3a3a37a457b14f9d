#include "connectors/monzo/page_check.hpp"

#include "connectors/json_body.hpp"
#include "core/rfc3339.hpp"

namespace penstock::connectors::monzo {

result<page_summary> check_transaction_page(std::string& body) {
  const auto list = read_json_list(body, "transactions", "Monzo's transactions");
  if (!list)
    return failure(list.error());
  page_summary summary;
  for (const auto item : *list) {
    ++summary.items;
    std::string_view id, created;
    if (item["id"].get(id) || id.empty() || item["created"].get(created))
      continue;
    if (const auto moment = parse_rfc3339(created)) {
      summary.last_id = id;
      summary.last_created = *moment;
    }
  }
  return summary;
}

namespace {

result<std::size_t> check_list(std::string& body, std::string_view key, std::string_view what) {
  const auto list = read_json_list(body, key, what);
  if (!list)
    return failure(list.error());
  return list->size();
}

} // namespace

result<std::size_t> check_account_page(std::string& body) { return check_list(body, "accounts", "Monzo's accounts"); }

result<std::size_t> check_pot_page(std::string& body) { return check_list(body, "pots", "Monzo's pots"); }

result<void> check_balance(std::string& body) {
  const auto whole = read_json(body, "Monzo's balance");
  if (!whole)
    return failure(whole.error());
  std::int64_t balance = 0;
  std::string_view currency;
  if ((*whole)["balance"].get(balance) || (*whole)["currency"].get(currency))
    return failure(error_code::unexpected_shape, "Monzo's balance: the answer has no balance in a currency");
  return {};
}

} // namespace penstock::connectors::monzo
