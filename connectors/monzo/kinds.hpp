#pragma once

#include <cstdint>
#include <memory>

#include "connectors/connector.hpp"
#include "connectors/monzo/settings.hpp"

namespace penstock::connectors::monzo {

using shared_settings = std::shared_ptr<const monzo_settings>;

/// Jobs that load history go before others: Monzo gives it for five minutes after consent.
inline constexpr std::uint8_t history_priority = 1, usual_priority = 5;

/// monzo.account_pull {unapproved}: GET /accounts, handed on to monzo.account_data. Asks again every ten seconds, for ten
/// minutes, while the person has not approved the access in the Monzo app.
[[nodiscard]] job_handler account_pull(shared_settings settings);
/// monzo.account_data {account_types, history}: stores accounts and starts the streams of each, closed ones too: its
/// transactions, its balance, its pots.
[[nodiscard]] job_handler account_data();

/// monzo.transaction_pull {account, since, page, …}: one page of GET /transactions, handed on to
/// monzo.transaction_data, and its own continuation.
[[nodiscard]] job_handler transaction_pull(shared_settings settings);
/// monzo.historical_data: the same, in the queue `init`, for as long as the stream is further back than Monzo gives to
/// everybody. Either hands over to the other before it asks if the stream stands where the other belongs.
[[nodiscard]] job_handler historical_data(shared_settings settings);
/// monzo.transaction_data {account, page, cursor, gap}: stores transactions and moves the stream's cursor.
[[nodiscard]] job_handler transaction_data();

/// monzo.pot_pull {account, may_have_none}: GET /pots, handed on to monzo.pot_data.
[[nodiscard]] job_handler pot_pull(shared_settings settings);
/// monzo.pot_data {account}: stores pots, deleted ones as such.
[[nodiscard]] job_handler pot_data();
/// monzo.balance_pull {account, may_have_none}: GET /balance, handed on to monzo.balance_data.
[[nodiscard]] job_handler balance_pull(shared_settings settings);
/// monzo.balance_data {account, date, read_at}: stores the balance of that day.
[[nodiscard]] job_handler balance_data();

} // namespace penstock::connectors::monzo
