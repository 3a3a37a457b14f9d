#pragma once

#include "connectors/connector.hpp"

namespace penstock::connectors::apple_health {

/// Row errors are stored in a table; here they are told to people too: in the job's log (`penstock jobs show`), and by
/// an event `records.rejected` (`penstock events tail`) that names the export's job. Nothing is told if there are none.
void tell_errors(const process_context& context, job_id delivery, unit_of_work& unit);

} // namespace penstock::connectors::apple_health
