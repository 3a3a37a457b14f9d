#pragma once

#include "storage/read_session.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// A page of jobs, newest id first (see job_reads::list). Looks at no more rows than rows_examined_for_a_page.
[[nodiscard]] result<page_of<job_record>> read_job_list(session& db, const job_filter& filter,
                                                        const page_request& page);

} // namespace penstock::storage
