#pragma once

#include <string_view>
#include <vector>

#include "messages/row.hpp"
#include "storage/migration.hpp"

namespace penstock::connectors::monzo {

inline constexpr std::string_view accounts_table = "monzo_accounts";
inline constexpr std::string_view transactions_table = "monzo_transactions";
inline constexpr std::string_view pots_table = "monzo_pots";
inline constexpr std::string_view balances_table = "monzo_balances";

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

/// Places of monzo_pots' own columns in a row.
enum pot_column : std::size_t {
  pot_account_id,
  pot_name,
  pot_style,
  pot_type,
  pot_balance,
  pot_currency,
  pot_goal_amount,
  pot_round_up,
  pot_round_up_multiplier,
  pot_is_tax_pot,
  pot_locked,
  pot_available_for_bills,
  pot_product_id,
  pot_isa_wrapper,
  pot_charity_id,
  pot_cover_image_url,
  pot_created_at,
  pot_raw,
  pot_column_count
};

/// Places of monzo_balances' own columns in a row.
enum balance_column : std::size_t {
  balance_account_id,
  balance_date,
  balance_balance,
  balance_total_balance,
  balance_spend_today,
  balance_currency,
  balance_raw,
  balance_column_count
};

/// All four, their columns in the order of the enumerations: accounts, transactions, pots, balances.
[[nodiscard]] std::vector<table_schema> tables();
[[nodiscard]] std::vector<storage::migration> migrations();

/// The moment of creation (`oldest`, NULL if none) of the oldest transaction that may still settle:
/// :p1 integration, :p2 account, :p3 none before.
[[nodiscard]] std::string_view oldest_pending_query();

} // namespace penstock::connectors::monzo
