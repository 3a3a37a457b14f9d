#pragma once

#include <optional>
#include <string>

#include "core/error.hpp"
#include "messages/webhook.hpp"
#include "storage/change_context.hpp"

/// Addresses of incoming webhooks. What each change requires stands with its struct.
namespace penstock::storage {

[[nodiscard]] result<void> apply(change_context& context, const set_webhook_secret& change);

/// With the integration.
void remove_webhook_address(session& db, integration_id id);

/// The address with this hash of its secret, or that of an integration; nullopt: there is none. `secrets` open its key;
/// without them, or where it does not open, `storage_failed`.
[[nodiscard]] result<std::optional<webhook_address>> find_webhook(session& db, const secret_box* secrets,
                                                                  const std::string& hash);
[[nodiscard]] result<std::optional<webhook_address>> find_webhook(session& db, const secret_box* secrets,
                                                                  integration_id id);

} // namespace penstock::storage
