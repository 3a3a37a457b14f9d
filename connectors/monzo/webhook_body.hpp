#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"

namespace penstock::connectors::monzo {

/// What Monzo sends: {"type": "transaction.created", "data": {…}}.
struct webhook_body {
  std::string type;
  std::string account; ///< empty: the data name none
  std::string data;    ///< the object's text as it came; empty: there is none
};

/// Larger data are no transaction: one with all its fields has some kilobytes.
inline constexpr std::size_t largest_webhook_data = 64 * 1024;
inline constexpr std::string_view transaction_created = "transaction.created";

/// Errors are final, since the body stays what it is: unexpected_shape, saying what is missing.
[[nodiscard]] result<webhook_body> read_webhook(std::string& body);

/// The object's text (one transaction) as a page that read_transactions reads.
[[nodiscard]] std::string as_page(std::string_view transaction);

/// Whether a transaction's text has all that a poll would give: its version (`updated`), and its merchant, if it has one,
/// as more than an id. Text that does not parse has not.
[[nodiscard]] bool is_as_polled(std::string transaction);

/// The transaction's text in an answer of GET /transactions/{id}. truncated_body, unexpected_shape.
[[nodiscard]] result<std::string> read_transaction_answer(std::string& body);

} // namespace penstock::connectors::monzo
