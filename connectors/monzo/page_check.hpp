#pragma once

#include <cstddef>
#include <string>

#include "core/error.hpp"
#include "core/time.hpp"

namespace penstock::connectors::monzo {

/// What paging needs to know of an answer of GET /transactions.
struct page_summary {
  std::size_t items = 0; ///< of any kind, also such as cannot be read as a transaction
  /// Of the last item that has both; empty and no_time if none has.
  std::string last_id;
  timestamp last_created = no_time;
};

/// Checks that the body is complete JSON with the list `transactions`: truncated_body (worth another request) or
/// unexpected_shape. Its cost is that of parsing alone: rows are made later, on another thread.
[[nodiscard]] result<page_summary> check_transaction_page(std::string& body);

/// The same for GET /accounts; how many there are.
[[nodiscard]] result<std::size_t> check_account_page(std::string& body);
/// The same for GET /pots.
[[nodiscard]] result<std::size_t> check_pot_page(std::string& body);
/// Checks that the body is complete JSON with a balance in some currency; errors as above.
[[nodiscard]] result<void> check_balance(std::string& body);

} // namespace penstock::connectors::monzo
