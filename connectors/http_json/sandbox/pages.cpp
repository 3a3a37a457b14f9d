#include "connectors/http_json/sandbox/pages.hpp"

#include <array>
#include <charconv>
#include <string>

#include "core/rfc3339.hpp"
#include "net/query.hpp"
#include "sandbox/json_reply.hpp"

namespace penstock::sandbox::http_json {
namespace {

constexpr std::uint64_t usual_limit = 50, most_limit = 200;
constexpr std::array<std::string_view, static_cast<std::size_t>(style::style_count)> names{
  "all", "page", "offset", "cursor", "link", "next", "last_id"};
constexpr std::string_view cursor_mark = "from-";
constexpr std::string_view id_mark = "itm_"; ///< behind it stands an item's place

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (wrong != std::errc{} || end != text.data() + text.size() || number > 1'000'000'000)
    return std::nullopt;
  return number;
}

struct asked {
  std::uint64_t begin = 0; ///< so many that fit are passed over; of cursor, link and next a place of the list
  std::uint64_t limit = usual_limit;
  timestamp since = no_time;
  std::string since_text;
};

std::optional<asked> read(style as, const net::query_parameters& query) {
  asked out;
  if (const auto text = net::find_parameter(query, "limit")) {
    const auto limit = number_in(*text);
    if (!limit || *limit == 0)
      return std::nullopt;
    out.limit = std::min(*limit, most_limit);
  }
  if (const auto text = net::find_parameter(query, "updated_since")) {
    const auto since = parse_rfc3339(*text);
    if (!since)
      return std::nullopt;
    out.since = *since;
    out.since_text = *text;
  }
  const std::string_view name = as == style::page      ? "page"
                                : as == style::offset  ? "offset"
                                : as == style::cursor  ? "cursor"
                                : as == style::last_id ? "starting_after"
                                                       : "after";
  auto text = net::find_parameter(query, name);
  if (!text || as == style::all)
    return out;
  if (const auto mark = as == style::cursor ? cursor_mark : as == style::last_id ? id_mark : ""; !mark.empty()) {
    if (!text->starts_with(mark))
      return std::nullopt;
    text->remove_prefix(mark.size());
  }
  const auto begin = number_in(*text);
  if (!begin || (as == style::page && *begin == 0))
    return std::nullopt;
  out.begin = as == style::page ? (*begin - 1) * out.limit : as == style::last_id ? *begin + 1 : *begin;
  return out;
}

struct cut {
  std::string items;               ///< without brackets
  std::optional<std::size_t> next; ///< the place at which the next page begins
};

cut cut_out(const item_book& book, style as, const asked& from) {
  const bool counts = as == style::page || as == style::offset;
  cut out;
  std::uint64_t passed = 0, taken = 0;
  for (std::size_t place = counts ? 0 : from.begin; place < book.items().size(); ++place) {
    if (book.items()[place].updated < from.since || (counts && passed++ < from.begin))
      continue;
    if (as != style::all && taken == from.limit) {
      out.next = place;
      break;
    }
    if (taken++ > 0)
      out.items += ',';
    book.append_json(out.items, place);
  }
  return out;
}

std::string query_behind(const asked& from, std::size_t next) {
  net::query_parameters query{{"after", std::to_string(next)}, {"limit", std::to_string(from.limit)}};
  if (!from.since_text.empty())
    query.emplace_back("updated_since", from.since_text);
  return "?" + net::build_query(query); // relative: right below any mount
}

} // namespace

std::string_view to_string(style value) noexcept { return names[static_cast<std::size_t>(value)]; }

std::optional<style> parse_style(std::string_view name) noexcept {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name)
      return static_cast<style>(i);
  return std::nullopt;
}

net::http_reply page_of(const item_book& book, style as, const net::query_parameters& query) {
  const auto from = read(as, query);
  if (!from)
    return code_reply(
      400, "bad_request.bad_param",
      "limit, page, offset and after are whole numbers, cursor is one that was given, starting_after an item's "
      "id, updated_since an RFC 3339 time");
  auto page = cut_out(book, as, *from);
  switch (as) {
    case style::page:
    case style::offset: return json_text_reply(200, R"({"items":[)" + page.items + "]}");
    case style::cursor:
      return json_text_reply(
        200, R"({"data":{"items":[)" + page.items + R"(]},"meta":{"next_cursor":)" +
               (page.next ? '"' + std::string(cursor_mark) + std::to_string(*page.next) + '"' : "null") + "}}");
    case style::last_id:
      return json_text_reply(200, R"({"data":[)" + page.items + R"(],"has_more":)" + (page.next ? "true}" : "false}"));
    case style::next:
      return json_text_reply(200, R"({"results":[)" + page.items + R"(],"next":)" +
                                    (page.next ? '"' + query_behind(*from, *page.next) + '"' : "null") + "}");
    default: break;
  }
  auto reply = json_text_reply(200, "[" + page.items + "]");
  if (page.next)
    reply.headers.add("Link", "<" + query_behind(*from, 0) + R"(>; rel="first", <)" + query_behind(*from, *page.next) +
                                R"(>; rel="next")");
  return reply;
}

} // namespace penstock::sandbox::http_json
