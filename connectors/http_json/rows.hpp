#pragma once

#include <string>

#include "connectors/http_json/description.hpp"
#include "connectors/json_rows.hpp"
#include "core/error.hpp"

namespace penstock::connectors::http_json {

/// Reads the items of a body. A row's version is its `updated_field`, where given; `raw` is the item's text as it came.
/// Errors as read_objects.
[[nodiscard]] result<row_page> read_items(const description& of, std::string& body);

} // namespace penstock::connectors::http_json
