#pragma once

#include <functional>
#include <string>

#include "messages/row.hpp"

namespace penstock::sandbox::testing {

/// The rows of a query.
using select_rows = std::function<row_set(const std::string& sql)>;

/// What the connector's tables hold, in the form of GET /sandbox/totals: equal texts are a faithful copy.
/// `of`: only rows that fit ("integration_id = 7").
[[nodiscard]] std::string monzo_copy(const select_rows& select, const std::string& of = "1 = 1");

} // namespace penstock::sandbox::testing
