#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "connectors/monzo/sandbox/ids.hpp"
#include "core/time.hpp"

namespace penstock::sandbox::monzo {

enum class transaction_kind : std::uint8_t { card, faster_payment, salary, friend_payment, pot, interest, top_up };

/// What all transactions of an account share.
struct account_facts {
  account_place place{};
  std::string id;
  std::string_view currency = "GBP";
  std::string_view type = "uk_retail";
  bool is_closed = false;
  std::uint64_t seed = 1;
  std::uint64_t key = 0; ///< what its transactions are drawn from
};

/// One transaction as it is now. Texts are static, but for the pot's id, which lives as long as the account's book.
struct transaction_facts {
  std::uint64_t index = 0;
  std::uint64_t key = 0;
  transaction_kind kind = transaction_kind::card;
  std::size_t merchant = 0; ///< place in merchants(); of card payments
  std::string_view pot_id;  ///< of moves to and from a pot
  std::int64_t amount = 0;  ///< minor units of the account's currency, negative for a debit
  std::int64_t local_amount = 0;
  std::string_view local_currency;
  std::string_view category;
  std::string_view decline_reason{}; ///< empty: not declined
  std::string_view notes{};          ///< as it stands in JSON
  timestamp created = no_time;
  timestamp updated = no_time;
  timestamp settled = no_time; ///< no_time: pending, or declined
  [[nodiscard]] bool is_declined() const noexcept { return !decline_reason.empty(); }
  [[nodiscard]] bool is_pending() const noexcept { return settled == no_time && !is_declined(); }
};

/// Money that goes into a pot (or, negative, comes out of one) as the account's transaction number `index`.
[[nodiscard]] transaction_facts move_to_pot(const account_facts& account, std::uint64_t index, timestamp created,
                                            std::int64_t amount);

/// Draws a transaction from its place alone: the same each time, at the cost of some multiplications. A payment by card
/// settles some hours or days after `created`, everything else at once; `updated` goes with it.
[[nodiscard]] transaction_facts draw_transaction(const account_facts& account, std::uint64_t index, timestamp created);

} // namespace penstock::sandbox::monzo
