#pragma once

#include <string>

#include "messages/row.hpp"
#include "storage/read_session.hpp"

namespace penstock::storage {

/// A row that a page showed as wrong, as it is kept: as long as the job that read it.
struct kept_row_error {
  std::int64_t id = 0; ///< later ones have larger ids
  row_error problem;
  job_id job{};
  std::string kind; ///< of the job
  run_id run{};     ///< 0: a webhook brought it
  timestamp at = no_time;
};

/// What is empty fits all.
struct row_error_filter {
  integration_id integration{};
  std::string table{}, kind{};
  run_id run{};
  job_id job{}; ///< of this one and of its children
  timestamp since = no_time;
};

/// The newest first. A page looks at 5,000 of the integration's at most: with a filter it may hold few, or none, and have a
/// next one all the same.
[[nodiscard]] result<page_of<kept_row_error>> read_row_errors(row_reads& rows, const row_error_filter& filter,
                                                              const page_request& page);

} // namespace penstock::storage
