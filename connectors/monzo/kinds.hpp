#pragma once

#include <memory>

#include "connectors/connector.hpp"
#include "connectors/monzo/settings.hpp"

namespace penstock::connectors::monzo {

using shared_settings = std::shared_ptr<const monzo_settings>;

/// monzo.account_pull {}: GET /accounts, handed on to monzo.account_data.
[[nodiscard]] job_handler account_pull(shared_settings settings);
/// monzo.account_data {account_types}: stores accounts and starts the stream of each, closed ones too.
[[nodiscard]] job_handler account_data();
/// monzo.transaction_pull {account, since, page, …}: one page of GET /transactions, handed on to
/// monzo.transaction_data, and its own continuation.
[[nodiscard]] job_handler transaction_pull(shared_settings settings);
/// monzo.transaction_data {account, page, cursor, gap}: stores transactions and moves the stream's cursor.
[[nodiscard]] job_handler transaction_data();

} // namespace penstock::connectors::monzo
