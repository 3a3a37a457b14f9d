#include "actors/firing_plan.hpp"

#include <algorithm>
#include <utility>

#include "core/catch_up.hpp"

namespace penstock::actors {

std::optional<timestamp> firing_plan::first_due(const schedule& value, const schedule_rule& rule, timestamp now) {
  const auto since = value.last_fired_at == no_time ? value.created_at : value.last_fired_at;
  const auto window = value.catch_up > duration{0} ? std::optional(value.catch_up) : std::nullopt;
  if (since != no_time)
    if (const auto missed = missed_firing(rule, since, now, window))
      return missed;
  // A clock that was stepped back finds the last occurrence ahead of it: never the same one again.
  return rule.next(std::max(now, value.last_fired_at));
}

std::vector<error> firing_plan::load(std::vector<schedule> schedules, timestamp now) {
  std::vector<error> unreadable;
  std::vector<entry> loaded;
  for (auto& value : schedules) {
    auto rule = schedule_rule::parse(value.rule, value.time_zone);
    if (!rule) {
      unreadable.push_back({rule.error().code, "schedule '" + value.name + "': " + rule.error().message});
      continue;
    }
    const auto* before = find(value.name);
    entry fresh{std::move(value), std::move(*rule), std::nullopt, no_time, before && before->open};
    if (fresh.value.enabled)
      fresh.due = first_due(fresh.value, fresh.rule, now);
    if (before && before->due == fresh.due)
      fresh.not_before = before->not_before; // the same firing was refused a moment ago: reading it again heals nothing
    loaded.push_back(std::move(fresh));
  }
  entries_ = std::move(loaded);
  return unreadable;
}

std::vector<firing_plan::firing> firing_plan::take_due(timestamp now) {
  std::vector<firing> due;
  for (auto& each : entries_) {
    if (each.open || !each.due || *each.due > now || each.not_before > now)
      continue;
    each.open = true;
    firing shot{each.value.name, *each.due, {}};
    shot.unit.changes.push_back(fire_schedule{each.value.name, each.value.last_fired_at, *each.due});
    job_request job;
    job.kind = each.value.kind;
    job.args = each.value.args;
    job.queue = each.value.queue;
    job.unique_key = "schedule:" + each.value.name; // one that still waits or runs makes this firing skip
    job.triggered_by = job.unique_key;
    shot.unit.jobs.push_back(std::move(job));
    due.push_back(std::move(shot));
  }
  return due;
}

void firing_plan::fired(const std::string& name, timestamp occurrence, timestamp now) {
  auto* each = find(name);
  if (!each)
    return;
  each->open = false;
  each->not_before = no_time;
  each->value.last_fired_at = occurrence;
  if (each->value.enabled)
    each->due = first_due(each->value, each->rule, now);
}

void firing_plan::refused(const std::string& name, timestamp again_at) {
  if (auto* each = find(name)) {
    each->open = false;
    each->not_before = again_at;
  }
}

timestamp firing_plan::next() const noexcept {
  timestamp next = no_time;
  for (const auto& each : entries_) {
    if (each.open || !each.due)
      continue;
    const auto at = std::max(*each.due, each.not_before);
    if (next == no_time || at < next)
      next = at;
  }
  return next;
}

firing_plan::entry* firing_plan::find(const std::string& name) {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const entry& e) { return e.value.name == name; });
  return found == entries_.end() ? nullptr : &*found;
}

} // namespace penstock::actors
