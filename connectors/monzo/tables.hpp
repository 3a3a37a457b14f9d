#pragma once

#include <string_view>
#include <vector>

#include "messages/row.hpp"
#include "storage/migration.hpp"

namespace penstock::connectors::monzo {

inline constexpr std::string_view accounts_table = "monzo_accounts";
inline constexpr std::string_view transactions_table = "monzo_transactions";

/// Places of monzo_accounts' own columns in a row.
enum account_column : std::size_t {
  account_description,
  account_type,
  account_currency,
  account_country_code,
  account_number,
  account_sort_code,
  account_is_closed,
  account_created_at,
  account_raw,
  account_column_count
};

/// Places of monzo_transactions' own columns in a row.
enum transaction_column : std::size_t {
  transaction_account_id,
  transaction_created_at,
  transaction_settled_at,
  transaction_amount,
  transaction_currency,
  transaction_local_amount,
  transaction_local_currency,
  transaction_description,
  transaction_merchant_name,
  transaction_category,
  transaction_is_pending,
  transaction_decline_reason,
  transaction_raw,
  transaction_column_count
};

/// Both, their columns in the order of the enumerations.
[[nodiscard]] std::vector<table_schema> tables();
[[nodiscard]] std::vector<storage::migration> migrations();

/// The moment of creation (`oldest`, NULL if none) of the oldest transaction that may still settle:
/// :p1 integration, :p2 account, :p3 none before.
[[nodiscard]] std::string_view oldest_pending_query();

} // namespace penstock::connectors::monzo
