#include "connectors/fetched.hpp"

#include <string>

#include "core/id_text.hpp"

namespace penstock::connectors {

result<void> check_is_fetched(const catalogue& services, std::string_view service, integration_id id) {
  const auto* known = services.find_service(service);
  if (!known || known->is_fetched())
    return {};
  return failure(error_code::bad_configuration, "nothing is fetched of service '" + known->name +
                                                  "': what it has is sent here by webhooks; penstock " +
                                                  "integrations show " + (id ? to_string(id) : std::string("ID")) +
                                                  " tells where to, and when the last delivery was stored");
}

} // namespace penstock::connectors
