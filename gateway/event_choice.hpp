#pragma once

#include <string>
#include <string_view>

#include "messages/event.hpp"
#include "storage/read_session.hpp"

namespace penstock::gateway {

/// `*` stands for any text, `?` for one character; case counts.
[[nodiscard]] bool matches_glob(std::string_view glob, std::string_view text) noexcept;

/// Which events a reader wants. Empty texts: any.
struct event_choice {
  std::string type_glob, source, subject;
  timestamp since = no_time;
  organisation_id organisation{}; ///< only its events; 0: any

  [[nodiscard]] bool matches(const event& value) const noexcept;
  /// The store's part of it; `matches` does the rest.
  [[nodiscard]] storage::event_filter filter(std::int64_t after_position) const;
};

/// A page of stored events, newest first. `before`: only those below this position; 0: from the newest on. A filter
/// that keeps little may give a short page with a cursor.
[[nodiscard]] result<storage::page_of<event>> newest_events(storage::event_reads& reads, const event_choice& choice,
                                                            std::int64_t before, std::int64_t limit);

/// A page of stored events in the order of their positions, behind `after`. It may be short in the same way.
[[nodiscard]] result<storage::page_of<event>> events_after(storage::event_reads& reads, const event_choice& choice,
                                                           std::int64_t after, std::int64_t limit);

/// The position behind which somebody reads on who last saw `given`: a position, or the id of an event (which is far
/// larger than any position). not_found: an id that is not stored, or not any more.
[[nodiscard]] result<std::int64_t> resume_position(storage::event_reads& reads, std::int64_t given);

/// Whether events between the one at this position (0: before all) and the first that is kept are gone.
[[nodiscard]] constexpr bool was_swept(std::int64_t position, std::int64_t first_kept) noexcept {
  return position != 0 && position + 1 < first_kept;
}

} // namespace penstock::gateway
