#include "connectors/http_json/paging.hpp"

#include <algorithm>
#include <utility>

#include "connectors/http_json/requests.hpp"
#include "net/url.hpp"

namespace penstock::connectors::http_json {
namespace {

auto wrong(const description& of, std::string why) {
  return failure(error_code::unexpected_shape, of.what() + ": " + std::move(why));
}

bool is_power_of_two(std::int64_t number) { return (number & (number - 1)) == 0; }

/// Moves the fingerprints on. False: the page came before; a circle of any length is met in the end.
bool goes_on(position& next, const std::string& fingerprint) {
  if (fingerprint == next.former || fingerprint == next.mark)
    return false;
  next.former = fingerprint;
  if (is_power_of_two(next.pages) || next.mark.empty())
    next.mark = fingerprint;
  return true;
}

/// So often an offset is set back at most, by one page, then by two, then by four. An item that none of them holds has
/// left the list itself, and those behind it were read again.
constexpr std::int64_t most_steps_back = 3;

/// A list without any order would lead back from every page: of so many pages so many steps back are made.
std::int64_t most_steps_of_run(std::int64_t pages) { return 12 + pages / 8; }

/// Items that leave the list move all behind them up: a page without the item that the one before ended with does not
/// begin where it should, and what moved past stands before it.
bool has_moved_up(const description& of, const position& asked, const page_summary& page) {
  return of.offset_overlap && !asked.behind.empty() && !page.holds_sought && asked.number > 0;
}

void step_back(const description& of, position& next) {
  next.number = std::max<std::int64_t>(0, next.number - (of.page_size << next.steps_back));
  ++next.steps_back;
  ++next.all_steps;
  next.former.clear(); // pages of before may rightly come again
  next.mark.clear();
}

/// Behind the page; where pages overlap, to its last item, so that the next one can show that it is still there.
void move_offset(const description& of, position& next, const page_summary& page) {
  const bool overlaps = of.offset_overlap && page.items > 1 && !page.last_id.empty();
  next.number += static_cast<std::int64_t>(page.items) - (overlaps ? 1 : 0);
  next.behind = overlaps ? page.last_id : std::string();
  next.steps_back = 0;
}

/// Nothing behind a page that is the last of its style.
bool is_last(const description& of, const page_summary& page) {
  const bool is_short = of.short_page_ends && page.items < static_cast<std::size_t>(of.page_size);
  switch (of.paging) {
    case paging_style::none: return true;
    case paging_style::page:
    case paging_style::offset: return page.items == 0 || is_short;
    case paging_style::last_id: return page.next.empty() || is_short;
    default: return page.next.empty();
  }
}

} // namespace

bool may_miss_items(const description& of, const position& asked, const page_summary& page) {
  return has_moved_up(of, asked, page) &&
         (asked.steps_back >= most_steps_back || asked.all_steps >= most_steps_of_run(asked.pages));
}

position start_of_run(const description& of, timestamp updated, timestamp now) {
  position start;
  start.begun = now;
  start.number = of.paging == paging_style::page ? of.first_page : 0;
  if (of.is_incremental() && updated != no_time)
    start.since = updated - of.overlap;
  return start;
}

result<std::optional<position>> next_position(const description& of, const position& asked, const page_summary& page,
                                              const std::string& asked_url) {
  auto next = asked;
  ++next.pages;
  next.newest = std::max(asked.newest, page.newest);
  const bool nothing_new = page.items == 1 && page.begins_with_sought;
  const bool missed = may_miss_items(of, asked, page);
  next.missed = asked.missed || missed;
  const bool moved_up = has_moved_up(of, asked, page) && !missed;
  if (!moved_up && (is_last(of, page) || nothing_new))
    return std::nullopt;
  if (next.pages >= of.most_pages)
    return wrong(of, "page " + std::to_string(next.pages) +
                       " is not the last: the list does not end, or most_pages is too small for it");
  if (!moved_up && !goes_on(next, page.fingerprint)) {
    auto circle = error{error_code::unexpected_shape, of.what() + ": page " + std::to_string(next.pages) +
                                                        " does not go on: it is one that came before"};
    // A page that is counted may come twice because the list moved on meanwhile.
    if (of.paging == paging_style::page || of.paging == paging_style::offset)
      circle.named_class = error_class::retryable;
    return failure(std::move(circle));
  }
  switch (of.paging) {
    case paging_style::page: ++next.number; break;
    case paging_style::offset: moved_up ? step_back(of, next) : move_offset(of, next, page); break;
    case paging_style::cursor:
    case paging_style::last_id: next.token = page.next; break;
    default: {
      auto target = target_on_origin(of, asked_url, page.next);
      if (!target)
        return failure(target.error());
      next.token = std::move(*target);
    }
  }
  return next;
}

} // namespace penstock::connectors::http_json
