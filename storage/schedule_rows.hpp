#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "messages/schedule.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {

/// The columns of a schedule, bound to a statement that selects `names` from `schedules`.
class schedule_columns {
public:
  static constexpr const char* names =
    "name, rule, time_zone, kind, args, queue, enabled, catch_up_us, last_fired_at, created_at, overlap, weekdays, "
    "jitter_us, stagger_us, more_jobs, effective_from, last_outcome, edited, declared, version";

  void bind(statement& sql);
  /// The row that the statement stands on.
  [[nodiscard]] schedule value() const;

private:
  schedule found_;
  nullable<std::string> queue_, more_jobs_;
  std::int64_t enabled_ = 0, catch_up_us_ = 0, created_at_ = 0, overlap_ = 0, weekdays_ = 0, jitter_us_ = 0,
               stagger_us_ = 0, effective_from_ = 0, edited_ = 0, declared_ = 0, version_ = 1;
  nullable<std::int64_t> last_fired_at_, last_outcome_;
};

[[nodiscard]] std::optional<schedule> find_schedule_row(session& db, const std::string& name);
/// The same for who decides by it what to write: other writers wait with theirs.
[[nodiscard]] std::optional<schedule> hold_schedule_row(session& db, const std::string& name);
/// False: there is one of that name, which stays as it is.
[[nodiscard]] bool insert_schedule_row(session& db, const schedule& value);
/// Writes all of one that is held, but created_at, last_fired_at and last_outcome.
void update_schedule_row(session& db, const schedule& value);

/// Ids in decimal, separated by commas.
[[nodiscard]] std::string ids_text(const std::vector<job_id>& ids);
[[nodiscard]] std::vector<job_id> ids_of_text(const std::string& text);

} // namespace penstock::storage
