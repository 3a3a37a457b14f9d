#include "actors/firing_plan.hpp"

#include <algorithm>
#include <utility>

#include "core/catch_up.hpp"

namespace penstock::actors {
namespace {

/// An occurrence that is fired no later than this is on time.
constexpr duration on_time_margin = std::chrono::minutes(1);
/// Whatever its catch-up window: a store that was busy for a moment makes no occurrence a missed one.
constexpr duration running_grace = std::chrono::seconds(30);

/// What the rule names in (since, latest), and `latest` too if it counts.
missed_occurrences count_missed(const schedule_rule& rule, timestamp since, timestamp latest, bool with_latest) {
  missed_occurrences missed;
  auto next = rule.next(since);
  while (next && (*next < latest || (with_latest && *next == latest)) &&
         missed.count < missed_occurrences::most_counted) {
    if (missed.count++ == 0)
      missed.first = *next;
    missed.last = *next;
    next = rule.next(*next);
  }
  if (missed.count == missed_occurrences::most_counted)
    missed.last = latest; // not the last of them if `latest` fires, and nobody counts so far
  return missed;
}

} // namespace

timestamp firing_plan::since(const schedule& value) noexcept {
  return std::max({value.last_fired_at, value.effective_from, value.created_at});
}

void firing_plan::find_due(entry& of, timestamp now) {
  of.due.reset();
  if (of.value.enabled) {
    of.due = of.rule.last_in(since(of.value), now);
    // A clock that was stepped back finds the last occurrence ahead of it: never the same one again.
    if (!of.due)
      of.due = of.rule.next(std::max(now, of.value.last_fired_at));
  }
  arm(of);
}

void firing_plan::arm(entry& of) {
  disarm(of);
  if (of.open || !of.due)
    return;
  of.armed_for = std::max(*of.due, of.not_before);
  heap_.emplace(of.armed_for, &of);
}

void firing_plan::disarm(entry& of) {
  if (of.armed_for != no_time)
    heap_.erase({std::exchange(of.armed_for, no_time), &of});
}

std::vector<error> firing_plan::load(std::vector<schedule> schedules, timestamp now) {
  awake_since_ = std::min(awake_since_, now);
  std::vector<error> unreadable;
  const auto before = std::exchange(entries_, {});
  heap_.clear();
  for (auto& value : schedules) {
    auto rule = rule_of(value);
    if (!rule) {
      unreadable.push_back({rule.error().code, "schedule '" + value.name + "': " + rule.error().message});
      continue;
    }
    const auto name = value.name;
    auto& fresh = entries_.emplace(name, entry{std::move(value), std::move(*rule)}).first->second;
    const auto known = before.find(name);
    fresh.open = known != before.end() && known->second.open;
    find_due(fresh, now);
    if (known != before.end() && known->second.due == fresh.due) {
      // The same firing was refused a moment ago: reading it again heals nothing.
      fresh.not_before = known->second.not_before;
      arm(fresh);
    }
  }
  return unreadable;
}

unit_of_work firing_plan::plan(const entry& of, timestamp latest, timestamp now) {
  const auto& value = of.value;
  auto window = value.catch_up > duration{0} ? value.catch_up : default_catch_up_window(of.rule, latest);
  const bool was_awake = latest >= awake_since_;
  if (was_awake)
    window = std::max(window, running_grace);
  const auto from = since(value);
  const bool fires = now - latest < window;
  auto missed = count_missed(of.rule, from, latest, !fires);
  unit_of_work unit;
  if (!fires) {
    missed.last = latest;
    unit.changes.emplace_back(miss_schedule{value.name, value.last_fired_at, value.effective_from, missed});
    return unit;
  }
  fire_schedule fire;
  fire.name = value.name;
  fire.reason = was_awake && now - latest <= on_time_margin ? firing_reason::on_time : firing_reason::catch_up;
  fire.expected_last = value.last_fired_at;
  fire.expected_effective = value.effective_from;
  fire.occurrence = latest;
  fire.missed = missed;
  if (random_ && value.jitter > duration{0})
    fire.delay =
      duration{static_cast<duration::rep>(uniform(*random_, static_cast<std::uint64_t>(value.jitter.count()) + 1))};
  unit.changes.emplace_back(std::move(fire));
  return unit;
}

std::vector<firing_plan::firing> firing_plan::take_due(timestamp now) {
  awake_since_ = std::min(awake_since_, now); // a clock that was stepped back
  std::vector<firing> due;
  while (!heap_.empty() && heap_.begin()->first <= now) {
    auto& each = *heap_.begin()->second;
    disarm(each);
    // More may have passed than the one it was armed for: a clock that steps forward is a downtime.
    const auto latest = each.rule.last_in(since(each.value), now);
    if (!latest) {
      find_due(each, now);
      continue;
    }
    auto unit = plan(each, *latest, now);
    each.open = true;
    due.push_back({each.value.name, *latest, std::move(unit)});
  }
  return due;
}

void firing_plan::settled(const schedule_firing& done, timestamp now) {
  const auto found = entries_.find(done.name);
  if (found == entries_.end())
    return;
  auto& each = found->second;
  each.open = false;
  each.not_before = no_time;
  if (done.outcome == firing_outcome::missed)
    each.value.effective_from = std::max(each.value.effective_from, done.at);
  else
    each.value.last_fired_at = std::max(each.value.last_fired_at, done.at);
  find_due(each, now);
}

void firing_plan::refused(const std::string& name, timestamp again_at) {
  const auto found = entries_.find(name);
  if (found == entries_.end())
    return;
  found->second.open = false;
  found->second.not_before = again_at;
  arm(found->second);
}

timestamp firing_plan::next() const noexcept { return heap_.empty() ? no_time : heap_.begin()->first; }

} // namespace penstock::actors
