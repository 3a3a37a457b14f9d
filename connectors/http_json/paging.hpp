#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "connectors/http_json/description.hpp"
#include "connectors/http_json/page_check.hpp"
#include "core/error.hpp"

namespace penstock::connectors::http_json {

/// Where a run stands in its list. Pure value: travels in the continuation's args.
struct position {
  std::int64_t pages = 0;  ///< that were asked for before this one
  std::int64_t number = 0; ///< of the page, or the offset
  /// The cursor, the last id, or the path and query of the page on the API's origin. Empty: the first page.
  std::string token;
  timestamp since = no_time;  ///< what the run asks for begins here; no_time: with everything
  timestamp newest = no_time; ///< the newest change that the run saw
  timestamp begun = no_time;  ///< when the run asked for its first page
  /// With offset_overlap: fingerprint of the id of the item behind which the page belongs, as the last page ended with it;
  /// empty: nothing is expected.
  std::string behind;
  std::int64_t steps_back = 0; ///< how often the run went back in search of that item
  std::int64_t all_steps = 0;  ///< of the whole run
  bool missed = false;         ///< items may be missing: the cursor must not move past them
  std::string former, mark;    ///< fingerprints of the page before, and of the last whose number is a power of two
};

/// Whether the page shows that the list has moved, and the run has gone back so often by now, in search of this item or in
/// all, that it does so no more: items may be missing.
[[nodiscard]] bool may_miss_items(const description& of, const position& asked, const page_summary& page);

/// Where a run begins, after a cursor.
[[nodiscard]] position start_of_run(const description& of, timestamp updated, timestamp now);

/// What follows a page. With offset_overlap each page begins with the last item of the one before: where that is not there,
/// the list has moved up, and what moved past is found some pages back. Nothing: it was the last. unexpected_shape: the
/// pages do not go on (this one came before), lead to another host, or do not end.
[[nodiscard]] result<std::optional<position>> next_position(const description& of, const position& asked,
                                                            const page_summary& page, const std::string& asked_url);

} // namespace penstock::connectors::http_json
