#include "connectors/http_json/page_check.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "connectors/http_json/fingerprint.hpp"
#include "connectors/json_body.hpp"

namespace penstock::connectors::http_json {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t longest_token = 8192;

auto wrong(const description& of, std::string why) {
  return failure(error_code::unexpected_shape, of.what() + ": " + std::move(why));
}

std::string fingerprint_of(std::string_view text) {
  fingerprint sum;
  sum.add(text);
  return sum.text();
}

/// The cursor or address in the body; empty where it says that there is none.
result<std::string> next_in_body(const description& of, dom::element body) {
  const auto found = find(body, of.next_place);
  bool flag = true;
  if (!found || (!found->get_bool().get(flag) && !flag))
    return std::string();
  std::string_view text;
  if (!found->get_string().get(text))
    return std::string(text);
  if (of.paging == paging_style::cursor && found->is_number())
    return std::string(simdjson::minify(*found));
  return wrong(of, "what next_field names is neither a text nor null");
}

/// The id behind which the next page begins; empty where none follows.
result<std::string> next_by_last(const description& of, dom::element body, std::size_t items,
                                 const std::optional<std::string>& last) {
  if (of.short_page_ends && items < static_cast<std::size_t>(of.page_size))
    return std::string(); // the list ends here, whatever its last item is
  bool more = of.more_place.empty() && items > 0;
  if (const auto told = of.more_place.empty() ? std::nullopt : find(body, of.more_place); told)
    if (told->get_bool().get(more))
      return wrong(of, "what more_field names is neither true nor false");
  if (!more)
    return std::string();
  if (items == 0)
    return wrong(of, "a page says that more follow, and has no item behind which they could begin");
  if (!last)
    return wrong(of, "the last item of a page has no id, and the next page begins behind it: look at id_field");
  return *last;
}

/// A parameter of a link ends at ';' or ',', or at the quote that closes it.
bool has_next_relation(std::string_view parameters) {
  const auto at = parameters.find("rel=");
  if (at == std::string_view::npos)
    return false;
  auto value = parameters.substr(at + 4);
  const bool quoted = value.starts_with('"');
  if (quoted)
    value.remove_prefix(1);
  value = value.substr(0, value.find_first_of(quoted ? "\"" : ";, "));
  for (auto rest = value; !rest.empty();) {
    const auto end = rest.find(' ');
    if (net::equals_ignoring_case(rest.substr(0, end), "next"))
      return true;
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  }
  return false;
}

} // namespace

std::string next_link(const net::http_headers& headers) {
  for (const auto field : headers) {
    if (!net::equals_ignoring_case(field.name, "Link"))
      continue;
    for (auto rest = field.value; !rest.empty();) {
      const auto open = rest.find('<'), close = rest.find('>', open);
      if (open == std::string_view::npos || close == std::string_view::npos)
        break;
      const auto address = rest.substr(open + 1, close - open - 1);
      rest.remove_prefix(close + 1);
      if (has_next_relation(rest.substr(0, rest.find('<'))))
        return std::string(address);
    }
  }
  return {};
}

result<page_summary> check_page(const description& of, net::http_response& answer, const std::string& sought) {
  const auto body = read_json(answer.body, of.what());
  if (!body)
    return failure(body.error());
  dom::array list;
  if (body->at_pointer(of.list).get_array().get(list))
    return wrong(of,
                 of.list.empty() ? "the body is no list: 'list' says where it lies" : "there is no list at " + of.list);
  page_summary page;
  fingerprint ids;
  std::optional<std::string> last;
  for (const auto item : list) {
    ++page.items;
    const auto found = find(item, of.id_place);
    last = found ? read_id(*found) : std::nullopt;
    page.last_id = last ? fingerprint_of(*last) : std::string();
    const bool is_sought = !sought.empty() && page.last_id == sought;
    page.holds_sought = page.holds_sought || is_sought;
    page.begins_with_sought = page.begins_with_sought || (is_sought && page.items == 1);
    if (last)
      ids.add(*last);
    if (of.updated_place.empty())
      continue;
    if (const auto found = find(item, of.updated_place))
      if (const auto moment = read_time(*found, of.times))
        page.newest = std::max(page.newest, *moment);
  }
  if (of.paging == paging_style::link) {
    page.next = next_link(answer.headers);
  } else if (of.paging == paging_style::last_id) {
    auto next = next_by_last(of, *body, page.items, last);
    if (!next)
      return failure(next.error());
    page.next = std::move(*next);
  } else if (!of.next_place.empty()) {
    auto next = next_in_body(of, *body);
    if (!next)
      return failure(next.error());
    page.next = std::move(*next);
  }
  if (page.next.size() > longest_token)
    return wrong(of, "what leads to the next page is longer than 8 KB");
  page.fingerprint = page.next.empty() ? ids.text() : fingerprint_of(page.next);
  return page;
}

} // namespace penstock::connectors::http_json
