#pragma once

#include <string>
#include <vector>

#include "connectors/http_json/description.hpp"
#include "core/error.hpp"
#include "messages/row.hpp"

namespace penstock::connectors::http_json {

struct item_page {
  std::vector<synced_row> rows; ///< of the description's table
  std::vector<row_error> errors;
};

/// Reads the items of a body. A row's version is its `updated_field`, where given; `raw` is the item's text as it came.
/// Errors as read_objects.
[[nodiscard]] result<item_page> read_items(const description& of, std::string& body);

} // namespace penstock::connectors::http_json
