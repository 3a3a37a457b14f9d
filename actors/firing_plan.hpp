#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/schedule_rule.hpp"
#include "messages/schedule.hpp"
#include "messages/unit_of_work.hpp"

namespace penstock::actors {

/// When each schedule fires next, without timers: the scheduler's logic. Not thread-safe.
class firing_plan {
public:
  struct firing {
    std::string name;
    timestamp occurrence = no_time;
    unit_of_work unit; ///< compare-and-set and the job
  };

  /// Replaces what is known. A schedule whose rule cannot be read is left out and told in the result.
  /// What was missed before `now` is planned at once where it is young enough to be made good.
  std::vector<error> load(std::vector<schedule> schedules, timestamp now);

  /// Takes the firings that are due. A schedule does not fire again before `fired` or `refused` told of the last one.
  [[nodiscard]] std::vector<firing> take_due(timestamp now);

  void fired(const std::string& name, timestamp occurrence, timestamp now);
  /// The store did not take it: tried again at `again_at`.
  void refused(const std::string& name, timestamp again_at);

  /// The earliest firing to come; no_time: none.
  [[nodiscard]] timestamp next() const noexcept;

private:
  struct entry {
    schedule value;
    schedule_rule rule;
    std::optional<timestamp> due; ///< the occurrence to fire next
    timestamp not_before = no_time;
    bool open = false; ///< fired, and the store has not answered
  };
  [[nodiscard]] static std::optional<timestamp> first_due(const schedule& value, const schedule_rule& rule,
                                                          timestamp now);
  entry* find(const std::string& name);

  std::vector<entry> entries_;
};

} // namespace penstock::actors
