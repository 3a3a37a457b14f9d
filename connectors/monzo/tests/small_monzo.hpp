#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/testing/provider_stand_in.hpp"
#include "core/time.hpp"

namespace penstock::connectors::monzo {

/// A transaction as the tests see it; the rest of its JSON is made up.
struct small_transaction {
  std::string id;
  timestamp created = no_time;
  std::int64_t amount = -100;
  bool settled = true;
  timestamp updated = no_time; ///< no_time: when it was created
};

/// Monzo as far as this connector uses it: accounts, balances, pots, transactions oldest first, `since` as id or time,
/// `before`, `limit`, and its two limits on history.
class small_monzo {
public:
  timestamp now = no_time;
  /// The first five minutes after consent: history has no end.
  bool whole_history = true;
  /// JSON objects.
  std::vector<std::string> accounts;
  std::map<std::string, std::vector<small_transaction>> transactions;
  std::map<std::string, std::vector<std::string>> pots; ///< JSON objects by account; absent: none
  std::map<std::string, std::string> balances;          ///< JSON by account; absent: `usual_balance`
  static constexpr std::string_view usual_balance =
    R"({"balance":5000,"total_balance":6000,"currency":"GBP","spend_today":0})";
  /// Answers by path and account, "/pots acc_1": a status and the code of its body.
  std::map<std::string, std::pair<int, std::string>> refusals;
  bool approved = true; ///< in the app

  [[nodiscard]] net::http_response answer(const net::http_request& request) const;

private:
  [[nodiscard]] net::http_response answer_transactions(const net::http_request& request) const;
};

/// An account object; `created` as RFC 3339.
[[nodiscard]] std::string account_json(const std::string& id, const std::string& created, bool closed = false,
                                       const std::string& type = "uk_retail");
[[nodiscard]] std::string transaction_json(const small_transaction& transaction, const std::string& account);

/// The connector with these settings, as the registry builds it.
[[nodiscard]] connector built_monzo(std::int64_t page_size, duration look_back = std::chrono::days{14},
                                    bool webhooks = true);

} // namespace penstock::connectors::monzo
