#pragma once

#include <string>

#include "net/query.hpp"
#include "node/commands/api_client.hpp"

namespace penstock::node {

/// Rows in error of the integration at `path` that `query` keeps, the newest `wanted` of them, as one list. The node looks at a
/// bounded number of them for each page: pages that hold too few are followed by the next ones, up to 20 of them. Then, or when
/// there are more than were wanted, `next_cursor` stays.
[[nodiscard]] api_client::reply get_row_errors(api_client& node, const std::string& path, net::query_parameters query,
                                               std::int64_t wanted);

} // namespace penstock::node
