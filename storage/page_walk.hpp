#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "core/error.hpp"
#include "core/id_text.hpp"
#include "storage/read_session.hpp"

namespace penstock::storage {

/// How many rows one page of a filtered list looks at before it answers with what it has: a rare filter over a long
/// history costs several pages, never a stalled reader.
inline constexpr std::int64_t rows_examined_for_a_page = 50'000;

/// Where a list that goes down by id stands: rows below `before`, at most `limit` of them.
struct page_walk {
  std::int64_t before = std::numeric_limits<std::int64_t>::max();
  std::int64_t limit = 50;
};

/// `invalid_argument` for a limit outside 1 ... 200 or a cursor that no page gave.
[[nodiscard]] inline result<page_walk> start_walk(const page_request& page) {
  if (page.limit < 1 || page.limit > 200)
    return failure(error_code::invalid_argument,
                   "a page has 1 to 200 items, not " + std::to_string(page.limit) + ": change the limit");
  page_walk walk{.limit = page.limit};
  if (page.cursor.empty())
    return walk;
  const auto before = parse_id_value(page.cursor);
  if (!before)
    return failure(error_code::invalid_argument, "the cursor is not one of this list: start without a cursor");
  walk.before = *before;
  return walk;
}

} // namespace penstock::storage
