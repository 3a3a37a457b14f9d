#pragma once

#include <string>

#include "connectors/http_json/description.hpp"
#include "connectors/json_rows.hpp"
#include "core/error.hpp"

namespace penstock::connectors::http_json {

/// Reads the items of a body. A row's version is its `updated_field`, where given; `raw` is the item's text as it came.
/// `skip_first`: the first item, which must be an object, is left out, right or wrong. Errors as read_objects.
[[nodiscard]] result<row_page> read_items(const description& of, std::string& body, bool skip_first = false);

} // namespace penstock::connectors::http_json
