#pragma once

#include <string>
#include <vector>

#include "core/ids.hpp"
#include "messages/row.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// A row of a batch that is another than before. It refers to the batch.
struct row_mark {
  const std::string* source_id = nullptr;
  changed_row::action what = changed_row::action::updated;
};

/// Keeps beside an event records.changed which rows it speaks of: one row of the database for all of them.
void note_changed_rows(session& db, event_id told, const std::string& table, integration_id integration,
                       const std::vector<row_mark>& rows);

/// Forgets those of events that are gone, the oldest first; looks at `limit` at most.
void sweep_changed_rows(session& db, std::int64_t limit);

} // namespace penstock::storage
