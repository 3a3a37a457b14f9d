#pragma once

#include <string_view>

namespace penstock::storage {

/// Whether a statement begins as one that reads rows does: SELECT, WITH, VALUES.
[[nodiscard]] bool starts_as_query(std::string_view sql);

} // namespace penstock::storage
