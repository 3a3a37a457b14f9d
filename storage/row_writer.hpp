#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "messages/unit_of_work.hpp"
#include "storage/append_writer.hpp"
#include "storage/job_row.hpp"
#include "storage/table_writer.hpp"
#include "storage/write_state.hpp"

namespace penstock::storage {

/// The rows of units, over all tables that connectors contribute.
class row_writer {
public:
  explicit row_writer(write_state& state);

  /// Refuses what cannot be written (`invalid_argument`) and expectations that do not hold (`conflict`). Writes
  /// nothing.
  [[nodiscard]] result<void> check(const unit_of_work& unit);

  /// Writes the rows of a checked unit and raises records.changed for each table that changed. `job` and `run` are
  /// those that the unit belongs to, if any (ids 0: none).
  [[nodiscard]] row_counts write(const unit_of_work& unit, const job_row& job, run_id run);

  /// The same for a dry run: what would be written is undone again and kept as the run's difference. Nothing is raised.
  [[nodiscard]] row_counts try_out(const unit_of_work& unit, const job_row& job, run_id run);

private:
  [[nodiscard]] table_writer* find(const std::string& table);
  void raise_changed(const row_upserts& batch, const row_counts& counts, const job_row& job, run_id run);
  void keep_errors(const std::vector<row_error>& errors, const job_row& job, run_id run);

  write_state& state_;
  std::vector<row_mark> changed_; ///< of one batch
  std::map<std::string, std::unique_ptr<table_writer>, std::less<>> tables_;
  std::map<std::string, std::unique_ptr<append_writer>, std::less<>> logs_;
};

} // namespace penstock::storage
