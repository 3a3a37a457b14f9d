#include "gateway/event_choice.hpp"

namespace penstock::gateway {
namespace {

using page = storage::page_of<event>;

result<page> page_of_stretch(storage::event_reads& reads, const storage::event_filter& wanted, std::int64_t limit) {
  auto found = reads.look_through(wanted, limit);
  if (!found)
    return failure(std::move(found.error()));
  page one;
  one.items = std::move(found->events);
  if (found->ended_at != 0)
    one.next_cursor = std::to_string(found->ended_at);
  return one;
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
  wanted.source = source;
  wanted.since = since;
  wanted.organisation = organisation;
  wanted.after_position = after_position;
  return wanted;
}

result<page> newest_events(storage::event_reads& reads, const event_choice& choice, std::int64_t before,
                           std::int64_t limit) {
  auto wanted = choice.filter(0);
  wanted.before_position = before;
  wanted.newest_first = true;
  return page_of_stretch(reads, wanted, limit);
}

result<page> events_after(storage::event_reads& reads, const event_choice& choice, std::int64_t after,
                          std::int64_t limit) {
  return page_of_stretch(reads, choice.filter(after), limit);
}

result<std::int64_t> resume_position(storage::event_reads& reads, std::int64_t given) {
  const auto last = reads.last_position();
  if (!last)
    return failure(last.error());
  if (given > *last) {
    const auto found = reads.position_of(event_id{given});
    if (!found)
      return failure(found.error());
    if (*found == 0)
      return failure(error_code::not_found,
                     "no event " + std::to_string(given) + " is stored (any more): read on by time, with since=");
    return *found;
  }
  return given;
}

} // namespace penstock::gateway
