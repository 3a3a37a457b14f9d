#include "gateway/event_choice.hpp"

#include <algorithm>

#include "core/id_generator.hpp"

namespace penstock::gateway {
namespace {

constexpr std::int64_t most_read_at_once = 1000;

using page = storage::page_of<event>;

/// Everything at or below it is gone or not wanted.
result<std::int64_t> floor_position(storage::event_reads& reads, timestamp since) {
  storage::event_filter first;
  first.since = since;
  auto found = reads.list(first, 1);
  if (!found)
    return failure(std::move(found.error()));
  if (!found->empty())
    return found->front().position - 1;
  return reads.last_position();
}

/// The wanted events in (low, high), newest first.
result<std::vector<event>> in_window(storage::event_reads& reads, const event_choice& choice, std::int64_t low,
                                     std::int64_t high) {
  auto wanted = choice.filter(low);
  wanted.before_position = high;
  auto found = reads.list(wanted, high - low - 1);
  if (!found)
    return found;
  std::erase_if(*found, [&](const event& each) { return each.position >= high || !choice.matches(each); });
  std::reverse(found->begin(), found->end());
  return found;
}

} // namespace

bool matches_glob(std::string_view glob, std::string_view text) noexcept {
  std::size_t g = 0, t = 0, star = std::string_view::npos, retry = 0;
  while (t < text.size()) {
    if (g < glob.size() && (glob[g] == '?' || glob[g] == text[t]) && glob[g] != '*') {
      ++g, ++t;
    } else if (g < glob.size() && glob[g] == '*') {
      star = g++;
      retry = t;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      t = ++retry;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*')
    ++g;
  return g == glob.size();
}

bool event_choice::matches(const event& value) const noexcept {
  return (type_glob.empty() || matches_glob(type_glob, value.type)) && (source.empty() || source == value.source) &&
         (subject.empty() || subject == value.subject) && (since == no_time || value.time >= since) &&
         (!organisation || organisation == value.organisation);
}

storage::event_filter event_choice::filter(std::int64_t after_position) const {
  storage::event_filter wanted;
  wanted.type_glob = type_glob;
  wanted.subject = subject;
  wanted.since = since;
  wanted.organisation = organisation;
  wanted.after_position = after_position;
  return wanted;
}

result<page> newest_events(storage::event_reads& reads, const event_choice& choice, std::int64_t before,
                           std::int64_t limit) {
  // The store reads upwards from a position. Positions have no holes but at their beginning, so that going down by
  // windows of them finds everything; the number of windows is bounded, the cursor tells where they ended.
  constexpr int most_windows = 20;
  const auto floor = floor_position(reads, choice.since);
  if (!floor)
    return failure(floor.error());
  auto high = before;
  if (high == 0) {
    const auto last = reads.last_position();
    if (!last)
      return failure(last.error());
    high = *last + 1;
  }
  page found;
  for (int i = 0; i < most_windows && high > *floor + 1; ++i) {
    const auto low = std::max(*floor, high - 1 - most_read_at_once);
    auto window = in_window(reads, choice, low, high);
    if (!window)
      return failure(std::move(window.error()));
    for (auto& each : *window) {
      if (std::ssize(found.items) == limit) {
        found.next_cursor = std::to_string(found.items.back().position);
        return found;
      }
      found.items.push_back(std::move(each));
    }
    high = low + 1;
  }
  if (high > *floor + 1)
    found.next_cursor = std::to_string(high);
  return found;
}

result<page> events_after(storage::event_reads& reads, const event_choice& choice, std::int64_t after,
                          std::int64_t limit) {
  auto rows = reads.list(choice.filter(after), limit + 1);
  if (!rows)
    return failure(std::move(rows.error()));
  page found;
  if (std::ssize(*rows) > limit) {
    rows->pop_back();
    found.next_cursor = std::to_string(rows->back().position);
  }
  std::erase_if(*rows, [&](const event& each) { return !choice.matches(each); });
  found.items = std::move(*rows);
  return found;
}

result<std::int64_t> resume_position(storage::event_reads& reads, std::int64_t given) {
  const auto last = reads.last_position();
  if (!last)
    return failure(last.error());
  if (given <= *last)
    return given;
  // Ids are drawn when events are written, so that one stands near others of its time.
  constexpr int most_pages = 10;
  constexpr auto margin = std::chrono::seconds(5);
  storage::event_filter near;
  near.since = id_generator::time_of(given) - margin;
  for (int i = 0; i < most_pages; ++i) {
    const auto rows = reads.list(near, most_read_at_once);
    if (!rows)
      return failure(rows.error());
    for (const auto& each : *rows)
      if (each.id.value == given)
        return each.position;
    if (std::ssize(*rows) < most_read_at_once)
      break;
    near.after_position = rows->back().position;
  }
  return failure(error_code::not_found,
                 "no event " + std::to_string(given) + " is stored (any more): read on by time, with since=");
}

} // namespace penstock::gateway
