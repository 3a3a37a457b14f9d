#include "gateway/api_tables.hpp"

namespace penstock::gateway {

std::vector<std::span<const route>> api_tables() {
  return {execution_routes(),
          execution_action_routes(),
          bulk_action_routes(),
          integration_routes(),
          integration_action_routes(),
          integration_token_routes(),
          row_error_routes(),
          webhook_secret_routes(),
          webhook_routes(),
          queue_routes(),
          schedule_routes(),
          schedule_action_routes(),
          event_routes(),
          event_action_routes(),
          change_routes(),
          maintenance_routes(),
          oauth_routes(),
          organisation_routes(),
          token_routes(),
          user_routes(),
          session_routes(),
          audit_routes(),
          openapi_routes(),
          node_routes()};
}

} // namespace penstock::gateway
