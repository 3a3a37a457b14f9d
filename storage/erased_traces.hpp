#pragma once

#include <cstdint>
#include <string_view>

#include "storage/session.hpp"

namespace penstock::storage {

/// What is to be erased: an organisation, or an integration where that is 0.
struct erased_owner {
  std::int64_t organisation = 0, integration = 0;
};

/// What others than its own rows say of it. Each takes a stretch and gives how many rows went.
/// Entries of the audit behind `after`, which moves on; 0 at the end. That something was erased stays.
std::int64_t erase_audit(session& db, const erased_owner& owner, std::int64_t& after);
/// Events behind the position `after`, which moves on; 0 at the end. The last of all stays without what it said.
std::int64_t erase_events(session& db, const erased_owner& owner, std::int64_t& after);
/// Answers that are kept under an Idempotency-Key: the key stays, so that nothing is done a second time.
std::int64_t erase_answers(session& db, const erased_owner& owner);
/// The names of webhooks that were delivered to it; each call takes some, 0 at the end.
std::int64_t erase_delivery_names(session& db, std::int64_t integration);
/// Shared limits that are named after it.
std::int64_t erase_limits(session& db, const erased_owner& owner);

} // namespace penstock::storage
