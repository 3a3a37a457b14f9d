#pragma once

#include <string>
#include <string_view>

namespace penstock::gateway {

/// The description of the API (OpenAPI 3.1, JSON), made of the tables of routes and what is said of them (route_doc.hpp).
/// `public_url`: where the node is reached; it decides about the name of the session's cookie too.
[[nodiscard]] std::string openapi_document(std::string_view public_url, std::string_view version);

} // namespace penstock::gateway
