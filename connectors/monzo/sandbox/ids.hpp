#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Ids that look like Monzo's, and from which the thing can be found again without a table.
namespace penstock::sandbox::monzo {

/// Whose account: both count from 1.
struct account_place {
  std::uint32_t user = 0;
  std::uint32_t number = 0;
  friend bool operator==(const account_place&, const account_place&) = default;
};

/// "acc_0000" and fourteen more.
[[nodiscard]] std::string account_id(const account_place& account, std::uint64_t seed);
[[nodiscard]] std::optional<account_place> parse_account_id(std::string_view id, std::uint64_t seed);

struct transaction_place {
  account_place account{};
  std::uint64_t index = 0; ///< from 0, oldest first
};

/// "tx_0000" and eighteen more. Within an account they sort as text in the order of their index, as Monzo's do by time.
[[nodiscard]] std::string transaction_id(const transaction_place& transaction, std::uint64_t seed);
[[nodiscard]] std::optional<transaction_place> parse_transaction_id(std::string_view id, std::uint64_t seed);

/// Other things that only have to look right: prefix, "0000" and eighteen characters drawn from `key`.
[[nodiscard]] std::string drawn_id(std::string_view prefix, std::uint64_t key);
void append_drawn_id(std::string& out, std::string_view prefix, std::uint64_t key);

} // namespace penstock::sandbox::monzo
