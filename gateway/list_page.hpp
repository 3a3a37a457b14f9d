#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "core/id_text.hpp"
#include "storage/read_session.hpp"

namespace penstock::gateway {

/// A page of what is in memory, by names, of which no two are equal: the cursor is the last one of the page before.
/// `name_of` gives a reference.
template <class T, class NameOf>
[[nodiscard]] storage::page_of<T> page_by_name(std::vector<T> all, const storage::page_request& page, NameOf name_of) {
  // As bytes: databases differ in how they order texts.
  std::sort(all.begin(), all.end(), [&](const T& a, const T& b) { return name_of(a) < name_of(b); });
  if (!page.cursor.empty())
    std::erase_if(all, [&](const T& each) { return name_of(each) <= page.cursor; });
  storage::page_of<T> found;
  if (std::ssize(all) > page.limit) {
    all.resize(static_cast<std::size_t>(page.limit));
    found.next_cursor = name_of(all.back());
  }
  found.items = std::move(all);
  return found;
}

/// A page of what is in memory and only grows at its end: the cursor counts those before it.
template <class T>
[[nodiscard]] result<storage::page_of<T>> page_by_place(std::vector<T> all, const storage::page_request& page) {
  const auto passed = page.cursor.empty() ? result<std::int64_t>(0) : parse_id_value(page.cursor);
  if (!passed)
    return failure(error_code::invalid_argument, "the cursor is not one of this list: start without a cursor");
  const auto begin = std::min(*passed, std::int64_t{std::ssize(all)});
  const auto end = std::min(begin + page.limit, std::int64_t{std::ssize(all)});
  storage::page_of<T> found;
  if (end < std::ssize(all))
    found.next_cursor = std::to_string(end);
  found.items.assign(std::make_move_iterator(all.begin() + begin), std::make_move_iterator(all.begin() + end));
  return found;
}

} // namespace penstock::gateway
