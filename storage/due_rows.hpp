#pragma once

#include "messages/integration.hpp"
#include "storage/session.hpp"

/// The rows of an integration in the tables of the due check (due_schema.cpp).
namespace penstock::storage {

/// Before the integration's own row is written: it is neither due nor triggered any more.
void forget_due(session& db, integration_id id);

/// After its own row was written: it is due at its next_due_at, if it has one.
void store_due(session& db, const integration& value);

/// One that the due check found, as it stands in `due_integrations`.
struct due_integration {
  integration_id id;
  organisation_id organisation;
  std::int64_t due_at = 0; ///< microseconds since the epoch
};

/// At most `limit` that are due at `now`, the longest due first. Where other nodes write too, their rows are held until
/// the end of the transaction.
[[nodiscard]] std::vector<due_integration> find_due(session& db, timestamp now, std::int64_t limit);

/// Marks what find_due found, in its order, as triggered at `now`.
void mark_due_triggered(session& db, const std::vector<due_integration>& found, timestamp now);

} // namespace penstock::storage
