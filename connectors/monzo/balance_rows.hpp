#pragma once

#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/time.hpp"
#include "messages/row.hpp"

namespace penstock::connectors::monzo {

/// What an answer of GET /balance is about: it names neither.
struct balance_facts {
  std::string account;
  std::string date; ///< of bank_day
  timestamp read_at = no_time;
};

/// "monzo_balance_acc_1_2026-03-29": one row for each account and day.
[[nodiscard]] std::string balance_id(const balance_facts& facts);

struct balance_page {
  std::vector<synced_row> rows; ///< of monzo_balances: one, or none
  std::vector<row_error> errors;
};

/// Reads an answer of GET /balance. The row's version is when it was read, so that an answer which is stored late does
/// not replace a later one of its day. Errors: final ones, for reading the stored text again cannot help.
[[nodiscard]] result<balance_page> read_balance(std::string& body, const balance_facts& facts);

} // namespace penstock::connectors::monzo
