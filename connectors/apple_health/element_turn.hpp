#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "connectors/apple_health/body_cursor.hpp"
#include "connectors/apple_health/json_walk.hpp"
#include "connectors/apple_health/turn_args.hpp"
#include "messages/row.hpp"

namespace penstock::connectors::apple_health {

/// So much goes into one unit of work; what is left is the next turn's.
struct turn_bounds {
  std::int64_t elements = 2000;
  std::size_t bytes = 2 * 1024 * 1024; ///< the element that passes it is read to its end
};

/// Row errors of one export that are stored one by one; further ones are counted.
inline constexpr std::int64_t most_errors_told = 1000;

struct turn_result {
  std::vector<synced_row> rows;
  std::vector<row_error> errors;
  turn_args next;         ///< done() when nothing is left
  std::int64_t wrong = 0; ///< elements of this turn that are not stored
};

/// Reads one element of a list, the value that comes next: into `row`, or says why not. What it says of an element that
/// it gives a row for (`partly`) is told beside the row.
struct element_reading {
  synced_row row;
  std::string problem;
  std::string partly;
};
using element_reader = std::function<element_reading(json_walk&, const export_list&)>;

/// Reads elements of the lists of `args` from a body until the bounds are met. `table` is where row errors belong,
/// `version` the rows' own.
[[nodiscard]] result<turn_result> read_turn(const piece_reader& body, turn_args args, const std::string& table,
                                            std::int64_t version, const element_reader& read,
                                            const turn_bounds& bounds = {});

} // namespace penstock::connectors::apple_health
