#pragma once

#include <cstdint>
#include <string>

#include "messages/integration.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {

/// The columns of an integration, bound to a statement that selects `names` from `source`.
class integration_columns {
public:
  static constexpr const char* names =
    "i.id, i.service, i.name, i.organisation_id, i.owner, i.config, i.status, i.frequency_us, i.last_triggered_at, "
    "i.last_successful_update_at, i.consecutive_failures, i.next_due_at, i.live_run_id, i.last_error, i.created_at, "
    "i.updated_at, i.version, t.triggered_at";
  /// What the due check triggered last stands apart from the row (due_schema.cpp).
  static constexpr const char* source = "integrations i LEFT JOIN triggered_integrations t ON t.integration_id = i.id";

  void bind(statement& sql);
  /// The row that the statement stands on.
  [[nodiscard]] integration value() const;

private:
  std::int64_t version_ = 1, id_ = 0, status_ = 0, frequency_us_ = 0, consecutive_failures_ = 0, created_at_ = 0,
               updated_at_ = 0;
  std::string service_, name_, config_;
  nullable<std::int64_t> organisation_id_, last_triggered_at_, last_successful_update_at_, next_due_at_, live_run_id_,
    triggered_at_;
  nullable<std::string> owner_, last_error_;
};

/// The same for runs.
class run_columns {
public:
  static constexpr const char* names =
    "id, integration_id, root_job_id, state, rows_added, rows_updated, rows_unchanged, rows_deleted, rows_errors, "
    "pages, error, triggered_by, started_at, ended_at, dry";

  void bind(statement& sql);
  [[nodiscard]] run value() const;

private:
  run found_;
  std::int64_t state_ = 0, started_at_ = 0, dry_ = 0;
  nullable<std::string> error_, triggered_by_;
  nullable<std::int64_t> ended_at_;
};

} // namespace penstock::storage
