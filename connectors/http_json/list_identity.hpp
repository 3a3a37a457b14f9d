#pragma once

#include <string>

#include "connectors/http_json/description.hpp"
#include "connectors/http_json/placeholders.hpp"

namespace penstock::connectors::http_json {

/// Which list an integration reads, and into which table, as a short text: another one when the description or the
/// integration's config names another list, or when items are told apart or their changes timed in another way. A cursor,
/// and the place of a run in its pages, mean something for one of them alone. Columns, paging and tokens do not count.
[[nodiscard]] std::string list_identity(const description& of, const fillings& with);

} // namespace penstock::connectors::http_json
