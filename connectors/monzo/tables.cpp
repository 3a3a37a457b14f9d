#include "connectors/monzo/tables.hpp"

#include <string>

#include "connectors/synced_table.hpp"

namespace penstock::connectors::monzo {
namespace {

storage::migration create_tables() {
  return {
    "monzo",
    1,
    "create monzo_accounts and monzo_transactions",
    {"CREATE TABLE monzo_accounts (" + synced_columns +
       "description TEXT, type TEXT, currency TEXT, country_code TEXT, account_number TEXT, sort_code TEXT, "
       "is_closed SMALLINT NOT NULL, created_at BIGINT, raw TEXT NOT NULL, " +
       synced_key,
     "CREATE TABLE monzo_transactions (" + synced_columns +
       "account_id TEXT NOT NULL, created_at BIGINT NOT NULL, settled_at BIGINT, amount BIGINT NOT NULL, "
       "currency TEXT NOT NULL, local_amount BIGINT, local_currency TEXT, description TEXT, merchant_name TEXT, "
       "category TEXT, is_pending SMALLINT NOT NULL, decline_reason TEXT, raw TEXT NOT NULL, " +
       synced_key,
     // Small: nearly all transactions have settled.
     "CREATE INDEX monzo_transactions_pending ON monzo_transactions (integration_id, account_id, created_at) "
     "WHERE is_pending = 1 AND decline_reason IS NULL",
     "CREATE VIEW v_monzo_accounts AS SELECT integration_id, source_id, description, type, currency, country_code, "
     "account_number, sort_code, is_closed, {utc:created_at} AS created_at, raw, " +
       shown_synced_columns + "FROM monzo_accounts",
     "CREATE VIEW v_monzo_transactions AS SELECT integration_id, source_id, account_id, "
     "{utc:created_at} AS created_at, {utc:settled_at} AS settled_at, amount, currency, local_amount, local_currency, "
     "description, merchant_name, "
     "category, is_pending, decline_reason, raw, " +
       shown_synced_columns + "FROM monzo_transactions"}};
}

storage::migration create_pots_and_balances() {
  return {
    "monzo",
    2,
    "create monzo_pots and monzo_balances",
    {"CREATE TABLE monzo_pots (" + synced_columns +
       "account_id TEXT NOT NULL, name TEXT, style TEXT, type TEXT, balance BIGINT NOT NULL, currency TEXT NOT NULL, "
       "goal_amount BIGINT, round_up SMALLINT, round_up_multiplier BIGINT, is_tax_pot SMALLINT, locked SMALLINT, "
       "available_for_bills SMALLINT, product_id TEXT, isa_wrapper TEXT, charity_id TEXT, cover_image_url TEXT, "
       "created_at BIGINT, raw TEXT NOT NULL, " +
       synced_key,
     "CREATE TABLE monzo_balances (" + synced_columns +
       "account_id TEXT NOT NULL, date TEXT NOT NULL, balance BIGINT NOT NULL, total_balance BIGINT, "
       "spend_today BIGINT, currency TEXT NOT NULL, raw TEXT NOT NULL, " +
       synced_key,
     "CREATE VIEW v_monzo_pots AS SELECT integration_id, source_id, account_id, name, style, type, balance, currency, "
     "goal_amount, round_up, round_up_multiplier, is_tax_pot, locked, available_for_bills, product_id, isa_wrapper, "
     "charity_id, cover_image_url, {utc:created_at} AS created_at, raw, " +
       shown_synced_columns + "FROM monzo_pots",
     "CREATE VIEW v_monzo_balances AS SELECT integration_id, source_id, account_id, date, balance, total_balance, "
     "spend_today, currency, raw, " +
       shown_synced_columns + "FROM monzo_balances"}};
}

/// Rows that were stored while what was declined counted as pending: the look-back never comes to the older ones.
storage::migration settle_declined() {
  return {"monzo",
          3,
          "declined transactions are not pending",
          {"UPDATE monzo_transactions SET is_pending = 0 WHERE decline_reason IS NOT NULL AND is_pending = 1"}};
}

} // namespace

std::vector<table_schema> tables() {
  using enum column_type;
  return {{.name = std::string(accounts_table),
           .columns = {{"description", text},
                       {"type", text},
                       {"currency", text},
                       {"country_code", text},
                       {"account_number", text},
                       {"sort_code", text},
                       {"is_closed", integer},
                       {"created_at", integer},
                       {"raw", text}}},
          {.name = std::string(transactions_table),
           .columns = {{"account_id", text},
                       {"created_at", integer},
                       {"settled_at", integer},
                       {"amount", integer},
                       {"currency", text},
                       {"local_amount", integer},
                       {"local_currency", text},
                       {"description", text},
                       {"merchant_name", text},
                       {"category", text},
                       {"is_pending", integer},
                       {"decline_reason", text},
                       {"raw", text}}},
          {.name = std::string(pots_table),
           .columns = {{"account_id", text},
                       {"name", text},
                       {"style", text},
                       {"type", text},
                       {"balance", integer},
                       {"currency", text},
                       {"goal_amount", integer},
                       {"round_up", integer},
                       {"round_up_multiplier", integer},
                       {"is_tax_pot", integer},
                       {"locked", integer},
                       {"available_for_bills", integer},
                       {"product_id", text},
                       {"isa_wrapper", text},
                       {"charity_id", text},
                       {"cover_image_url", text},
                       {"created_at", integer},
                       {"raw", text}}},
          {.name = std::string(balances_table),
           .columns = {{"account_id", text},
                       {"date", text},
                       {"balance", integer},
                       {"total_balance", integer},
                       {"spend_today", integer},
                       {"currency", text},
                       {"raw", text}}}};
}

std::vector<storage::migration> migrations() {
  return {create_tables(), create_pots_and_balances(), settle_declined()};
}

std::string_view oldest_pending_query() {
  // The conditions on is_pending and decline_reason are those of the index: a declined transaction never settles.
  return "SELECT MIN(created_at) AS oldest FROM monzo_transactions WHERE integration_id = :p1 AND account_id = :p2 "
         "AND created_at >= :p3 AND is_pending = 1 AND decline_reason IS NULL AND deleted_at IS NULL";
}

} // namespace penstock::connectors::monzo
