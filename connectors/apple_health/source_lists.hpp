#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "messages/row.hpp"

namespace penstock::connectors::apple_health {

/// A row of health_metrics as it is stored.
struct stored_point {
  std::string source_id;
  std::int64_t version = 0; ///< the export that told it last
  std::vector<column_value> values;
};

/// Of the points of one metric and time, those that another one holds the sum of: places in `points`, in their order.
/// The app adds up what all devices counted, and names them all: "Watch|iPhone" goes before "iPhone", which was told when the
/// watch had not been heard of yet, whichever of both came last. Points of one export all stand, and so do those whose
/// lists do not contain each other; of two that list the same in another order the later one does.
[[nodiscard]] std::vector<std::size_t> covered_points(const std::vector<stored_point>& points);

} // namespace penstock::connectors::apple_health
