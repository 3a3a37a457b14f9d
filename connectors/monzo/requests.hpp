#pragma once

#include <string>
#include <string_view>

#include "connectors/connector.hpp"
#include "connectors/monzo/settings.hpp"
#include "connectors/monzo/transaction_args.hpp"

namespace penstock::connectors::monzo {

[[nodiscard]] net::http_request accounts_request(const monzo_settings& settings);
/// Merchants expanded. A window's end is sent only while history is read.
[[nodiscard]] net::http_request transactions_request(const monzo_settings& settings, const std::string& account,
                                                     const page_position& position);

[[nodiscard]] net::http_request pots_request(const monzo_settings& settings, const std::string& account);
[[nodiscard]] net::http_request balance_request(const monzo_settings& settings, const std::string& account);

/// 403: nobody has approved the token in the Monzo app (yet), or the approval was taken back.
[[nodiscard]] bool is_not_approved(const net::http_response& answer);
/// 403 or 404: asked about one account, this may mean that the account has no such thing.
[[nodiscard]] bool is_refused_or_unknown(const net::http_response& answer) noexcept;
/// 403: the token is too old for what was asked (Monzo wants the person to confirm again in the app).
[[nodiscard]] bool is_history_refused(const net::http_response& answer);

/// Nothing for a 2xx. A 403 for lack of approval is requires_reauth and says what to do in the app; the rest as
/// provider_refusal.hpp.
[[nodiscard]] result<void> accept_answer(const net::http_response& answer, std::string_view what, timestamp now);

} // namespace penstock::connectors::monzo
