#pragma once

#include <string>
#include <string_view>

namespace penstock::connectors::http_json {

/// Why no table may have this name; empty: it may.
[[nodiscard]] std::string table_objection(std::string_view name);
/// Why no column may have this name; empty: it may.
[[nodiscard]] std::string column_objection(std::string_view name);

} // namespace penstock::connectors::http_json
