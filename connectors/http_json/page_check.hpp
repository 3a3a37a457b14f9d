#pragma once

#include <cstddef>
#include <string>

#include "connectors/http_json/description.hpp"
#include "core/error.hpp"
#include "net/http_message.hpp"

namespace penstock::connectors::http_json {

/// What paging needs to know of an answer.
struct page_summary {
  std::size_t items = 0;           ///< of any kind, also such as cannot be read
  timestamp newest = no_time;      ///< the newest change among them
  std::string next;                ///< the cursor or address of the next page, or the last id of this one; empty: none
  std::string last_id;             ///< fingerprint of the last item's id; empty: it has none
  bool holds_sought = false;       ///< an item has the id that was sought
  bool begins_with_sought = false; ///< the first has it
  /// The same for a page that came before: of what leads on, or where the style counts, of the items' ids.
  std::string fingerprint;
};

/// Checks that the body is complete JSON with the list where it belongs: truncated_body (worth another request) or
/// unexpected_shape. Rows are made later, on another thread. `sought`: the fingerprint of an id, or empty.
[[nodiscard]] result<page_summary> check_page(const description& of, net::http_response& answer,
                                              const std::string& sought = {});

/// The address with rel="next" in the values of a Link header (RFC 8288); empty: none.
[[nodiscard]] std::string next_link(const net::http_headers& headers);

} // namespace penstock::connectors::http_json
