#pragma once

#include <span>
#include <vector>

#include "gateway/route.hpp"

namespace penstock::gateway {

/// The routes of each resource, from the file of that name.
[[nodiscard]] std::span<const route> execution_routes();
[[nodiscard]] std::span<const route> execution_action_routes();
[[nodiscard]] std::span<const route> bulk_action_routes();
[[nodiscard]] std::span<const route> integration_routes();
[[nodiscard]] std::span<const route> integration_action_routes();
[[nodiscard]] std::span<const route> integration_token_routes();
[[nodiscard]] std::span<const route> row_error_routes();
[[nodiscard]] std::span<const route> webhook_secret_routes();
[[nodiscard]] std::span<const route> webhook_routes();
[[nodiscard]] std::span<const route> queue_routes();
[[nodiscard]] std::span<const route> schedule_routes();
[[nodiscard]] std::span<const route> schedule_action_routes();
[[nodiscard]] std::span<const route> event_routes();
[[nodiscard]] std::span<const route> event_action_routes();
[[nodiscard]] std::span<const route> change_routes();
[[nodiscard]] std::span<const route> maintenance_routes();
[[nodiscard]] std::span<const route> oauth_routes();
[[nodiscard]] std::span<const route> organisation_routes();
[[nodiscard]] std::span<const route> token_routes();
[[nodiscard]] std::span<const route> user_routes();
[[nodiscard]] std::span<const route> session_routes();
[[nodiscard]] std::span<const route> audit_routes();
[[nodiscard]] std::span<const route> openapi_routes();
[[nodiscard]] std::span<const route> node_routes();

/// All of them.
[[nodiscard]] std::vector<std::span<const route>> api_tables();

} // namespace penstock::gateway
