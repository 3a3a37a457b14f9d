#pragma once

#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/random.hpp"
#include "core/schedule_rule.hpp"
#include "messages/schedule.hpp"
#include "messages/unit_of_work.hpp"

namespace penstock::actors {

/// When each schedule fires next, without timers: the scheduler's logic. What a firing costs does not grow with the
/// number of schedules. Not thread-safe.
class firing_plan {
public:
  struct firing {
    std::string name;
    timestamp occurrence = no_time;
    unit_of_work unit; ///< compare-and-set: fire_schedule, or miss_schedule where it is too late
  };

  /// `random` draws jitter; null: none is drawn. It outlives the plan.
  explicit firing_plan(random_source* random = nullptr) : random_(random) {}

  /// Replaces what is known. A schedule whose rule cannot be read is left out and told in the result.
  /// What was missed before `now` is planned at once.
  std::vector<error> load(std::vector<schedule> schedules, timestamp now);

  /// Takes the firings that are due. Of occurrences that passed since the last one the latest is fired, if its catch-up
  /// window allows it, and the others are told as missed: it is one firing, however long nobody looked. A schedule does
  /// not fire again before `settled` or `refused` told of the last one.
  [[nodiscard]] std::vector<firing> take_due(timestamp now);

  /// The store took it.
  void settled(const schedule_firing& done, timestamp now);
  /// The store did not take it: tried again at `again_at`.
  void refused(const std::string& name, timestamp again_at);

  /// The earliest firing to come; no_time: none.
  [[nodiscard]] timestamp next() const noexcept;

private:
  struct entry {
    schedule value;
    schedule_rule rule;
    std::optional<timestamp> due{}; ///< when to look: the occurrence to come, or one that passed
    timestamp not_before = no_time;
    timestamp armed_for = no_time; ///< its place in `heap_`
    bool open = false;             ///< fired, and the store has not answered
  };
  [[nodiscard]] static timestamp since(const schedule& value) noexcept;
  [[nodiscard]] unit_of_work plan(const entry& of, timestamp latest, timestamp now);
  void find_due(entry& of, timestamp now);
  void arm(entry& of);
  void disarm(entry& of);

  random_source* random_;
  std::unordered_map<std::string, entry> entries_;
  /// By name where times are equal: a history must not depend on where entries lie in memory.
  struct earlier {
    bool operator()(const std::pair<timestamp, entry*>& a, const std::pair<timestamp, entry*>& b) const noexcept {
      return a.first != b.first ? a.first < b.first : a.second->value.name < b.second->value.name;
    }
  };
  std::set<std::pair<timestamp, entry*>, earlier> heap_; ///< those that have a time to come and are not open
  timestamp awake_since_ = timestamp::max();    ///< what passed before nobody could fire on time
};

} // namespace penstock::actors
