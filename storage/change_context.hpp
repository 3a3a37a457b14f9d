#pragma once

#include <span>
#include <string>

#include "core/error.hpp"
#include "core/id_generator.hpp"
#include "core/time.hpp"
#include "messages/job_kind.hpp"
#include "messages/row.hpp"
#include "messages/unit_of_work.hpp"
#include "storage/secret_box.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// What a unit of work may cause beside its own writes. All of it is undone if the unit is refused or the
/// transaction fails.
class unit_effects {
public:
  virtual ~unit_effects() = default;

  /// Adds a job, as a request of the unit itself would. The request must be valid: unknown kinds are an error here.
  [[nodiscard]] virtual result<enqueued> enqueue(const job_request& request) = 0;

  /// Stores an event and tells it after the commit.
  virtual void raise(event_draft draft) = 0;

  /// Ends a job that waits (or awaits its children) as cancelled, with all that follows: children, parent, run, keys.
  /// A job in any other state stays as it is. `tell`: whether job.cancelled is raised for it.
  virtual void cancel(job_id id, const std::string& reason, bool tell) = 0;
};

/// What a change is run with. A change answers with an error to refuse the whole unit; what it wrote before that is
/// undone. It throws storage_exception when the database fails.
///
///   result<void> apply(change_context& context, const add_integration& change);
struct change_context {
  session& db;
  timestamp now; ///< one moment for the whole transaction
  id_generator& ids;
  const job_kind_catalogue& kinds;
  const secret_box* secrets; ///< null: credentials cannot be stored
  unit_result& result;       ///< `created` takes the ids that are drawn
  unit_effects& effects;
  std::span<const table_schema> tables; ///< what connectors contribute: the places of an integration's rows
  std::string job_result{}; ///< becomes the result of the job that the unit ends, if it ends one and says none itself
};

} // namespace penstock::storage
