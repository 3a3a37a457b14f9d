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
  if (is_power_of_two(next.pages))
    next.mark = fingerprint;
  return true;
}

/// Nothing behind a page that is the last of its style.
bool is_last(const description& of, const page_summary& page) {
  switch (of.paging) {
    case paging_style::none: return true;
    case paging_style::page:
    case paging_style::offset:
      return page.items == 0 || (of.short_page_ends && page.items < static_cast<std::size_t>(of.page_size));
    default: return page.next.empty();
  }
}

} // namespace

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
  if (is_last(of, page))
    return std::nullopt;
  if (next.pages >= of.most_pages)
    return wrong(of, "page " + std::to_string(next.pages) +
                       " is not the last: the list does not end, or most_pages is too small for it");
  if (!goes_on(next, page.fingerprint)) {
    auto circle = error{error_code::unexpected_shape, of.what() + ": page " + std::to_string(next.pages) +
                                                        " does not go on: it is one that came before"};
    // A page that is counted may come twice because the list moved on meanwhile.
    if (of.paging == paging_style::page || of.paging == paging_style::offset)
      circle.named_class = error_class::retryable;
    return failure(std::move(circle));
  }
  switch (of.paging) {
    case paging_style::page: ++next.number; break;
    case paging_style::offset: next.number += static_cast<std::int64_t>(page.items); break;
    case paging_style::cursor: next.token = page.next; break;
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
