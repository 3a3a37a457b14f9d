#pragma once

#include "connectors/connector.hpp"
#include "connectors/monzo/settings.hpp"

namespace penstock::connectors::monzo {

/// What an integration's config may say: {"account_types": ["uk_retail", ...]}, absent or empty for all.
struct integration_config {
  std::vector<std::string> account_types;
};
/// invalid_argument: something else.
[[nodiscard]] result<integration_config> read_config(std::string_view config);

/// The service `monzo`: OAuth 2 with rotating refresh tokens; a run begins with one monzo.account_pull.
[[nodiscard]] service make_service(const monzo_settings& settings);

} // namespace penstock::connectors::monzo
