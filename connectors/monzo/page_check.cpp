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

result<std::size_t> check_account_page(std::string& body) {
  const auto list = read_json_list(body, "accounts", "Monzo's accounts");
  if (!list)
    return failure(list.error());
  return list->size();
}

} // namespace penstock::connectors::monzo
