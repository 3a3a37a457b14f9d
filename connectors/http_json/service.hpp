#pragma once

#include <string_view>

#include "connectors/connector.hpp"
#include "connectors/http_json/description.hpp"
#include "connectors/http_json/placeholders.hpp"

namespace penstock::connectors::http_json {

/// The one stream of an integration.
inline constexpr std::string_view stream_name = "items";

/// What an integration's config says: a text for each {name} of the description, and nothing else. invalid_argument.
[[nodiscard]] result<fillings> read_config(const description& of, std::string_view config);

/// The service of the description's name; a run begins with one NAME.pull.
[[nodiscard]] service make_service(const description& of);

} // namespace penstock::connectors::http_json
