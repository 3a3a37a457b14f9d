#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "messages/event.hpp"
#include "messages/integration.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

[[nodiscard]] std::optional<integration> find_integration_row(session& db, integration_id id);
void insert_integration_row(session& db, const integration& value);

/// Writes all that can change: name, config, schedule, live run, last error, `updated_at`.
void update_integration_row(session& db, const integration& value);

/// An event about an integration, with its id, service and name as data, and a reason if there is one.
[[nodiscard]] event_draft integration_event(std::string type, const integration& about, std::string_view reason = {});

} // namespace penstock::storage
