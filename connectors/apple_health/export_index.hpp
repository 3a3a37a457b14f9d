#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "connectors/apple_health/body_cursor.hpp"
#include "core/error.hpp"
#include "messages/row.hpp"

namespace penstock::connectors::apple_health {

/// A list of an export that is to be stored, and where its elements begin.
struct export_list {
  std::string name;  ///< of a metric ("step_count"), or of a section ("workouts")
  std::string units; ///< of a metric; empty: none are told
  body_place from;   ///< behind the opening bracket
  std::int64_t elements = 0;
};

/// What stands where in an export. A metric's name often follows its points, so that nothing can be stored before the
/// whole text has been passed through once.
struct export_index {
  std::vector<export_list> metrics;
  std::vector<export_list> workouts;
  std::vector<export_list> others; ///< sections beside these two, known ones or not
  std::vector<row_error> errors;   ///< of metrics that cannot be stored at all

  [[nodiscard]] static std::int64_t elements_of(const std::vector<export_list>& lists) noexcept {
    std::int64_t all = 0;
    for (const auto& each : lists)
      all += each.elements;
    return all;
  }
};

/// More lists than this in one export are refused: an iPhone knows about 150 metrics.
inline constexpr std::size_t most_lists = 5000;
inline constexpr std::size_t longest_metric_name = 200, longest_units = 100;

/// Passes through a whole export as Health Auto Export sends it, with and without the wrapper {"data": …}. Without it,
/// lists that are not known are sections if a known one stands beside them.
/// `unexpected_shape`: the text is not JSON or no export, not even an empty one; else why it could not be read.
[[nodiscard]] result<export_index> index_export(body_cursor& body);

} // namespace penstock::connectors::apple_health
