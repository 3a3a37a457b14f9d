#pragma once

#include <string_view>

#include "messages/job_kind.hpp"
#include "messages/schedule.hpp"

namespace penstock::actors {

/// The root job of a run: starts an integration's streams and awaits them. Its unique key is the integration's id.
inline constexpr std::string_view integration_process_kind = "integration.process";
/// Finds integrations that are due and enqueues an integration.process for each.
inline constexpr std::string_view check_updates_kind = "integrations.check_updates";
/// Starts a sync of the integration that its args name, as a person would: {"integration_id", "force"}. For schedules of
/// integrations that have no frequency. Where none may start now (one runs already, it is paused, waits for a consent or
/// for its time) the job completes and says so.
inline constexpr std::string_view integration_fetch_kind = "integrations.fetch";

/// Declares the engine's own kinds.
void add_engine_kinds(job_kind_catalogue& catalogue);

/// The schedule that every node has: check-integration-updates, every 30 seconds.
[[nodiscard]] schedule check_updates_schedule();

} // namespace penstock::actors
