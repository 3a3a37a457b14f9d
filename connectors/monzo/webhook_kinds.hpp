#pragma once

#include <optional>
#include <vector>

#include "connectors/monzo/kinds.hpp"

/// How Monzo's webhooks come: they are registered once, and tell of new transactions in a second. The poll finds what they
/// miss; both write the same rows.
namespace penstock::connectors::monzo {

/// monzo.webhook {}: one delivery. A new transaction goes on to monzo.webhook_transaction, other types are left alone.
[[nodiscard]] job_handler webhook();
/// monzo.webhook_transaction {account, transaction}: stores the transaction if its account is followed. What is less than a
/// poll would give is asked for first.
[[nodiscard]] job_handler webhook_transaction(shared_settings settings);

/// monzo.webhook_registration {accounts, some_unread}: once a day, and when accounts come or go, sees to it that Monzo sends to this
/// node what happens in each of them, and to no address of it that is good for nothing (any more).
[[nodiscard]] job_handler webhook_registration(shared_settings settings);
/// The job for a run that found these accounts, rows of monzo_accounts; closed ones are passed over. `all_read`: there were no
/// others. If there were, accounts that had an address before keep it.
[[nodiscard]] job_request registration_for(const ready_job& job, const std::vector<synced_row>& accounts,
                                           bool all_read);

} // namespace penstock::connectors::monzo
