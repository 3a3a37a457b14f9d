#include "connectors/http_json/rows.hpp"

#include <utility>

#include "connectors/http_json/tables.hpp"
#include "connectors/json_body.hpp"
#include "connectors/json_rows.hpp"

namespace penstock::connectors::http_json {
namespace {

namespace dom = simdjson::dom;

/// The item as a whole. Its bytes are copied, for a parser must own what it reads in its own way while the page is walked.
result<dom::element> parsed(std::string_view raw) {
  thread_local dom::parser parser;
  thread_local std::string text;
  text.assign(raw);
  make_room_for_padding(text);
  dom::element item;
  if (parser.parse(text.data(), text.size(), false).get(item))
    return failure(error_code::unexpected_shape, "it cannot be read");
  return item;
}

/// What is wrong with it, or nothing.
std::string read_item(const description& of, std::string_view raw, synced_row& row) {
  const auto item = parsed(raw);
  if (!item)
    return item.error().message;
  const auto id = find(*item, of.id_place);
  auto read = id ? read_id(*id) : std::nullopt;
  if (!read)
    return "the id is " + std::string(id ? "neither a text nor a whole number" : "missing") + " (" + of.id_place + ")";
  row.source_id = std::move(*read);
  row.values.assign(of.fields.size() + 1, std::monostate{});
  for (std::size_t i = 0; i < of.fields.size(); ++i)
    if (const auto found = find(*item, of.fields[i].place)) {
      auto value = read_value(*found, of.fields[i].type, of.times);
      if (!value)
        return "'" + of.fields[i].column + "' (" + of.fields[i].place + ") " + value.error().message;
      row.values[i] = std::move(*value);
    }
  row.values.back() = std::string(raw);
  if (!of.updated_place.empty())
    if (const auto found = find(*item, of.updated_place)) {
      const auto moment = read_time(*found, of.times);
      if (!moment)
        return "updated_field (" + of.updated_place + ") " + moment.error().message;
      row.version = moment->time_since_epoch().count();
    }
  if (!of.deleted_place.empty())
    if (const auto found = find(*item, of.deleted_place)) {
      const auto gone = read_gone(*found, of.times);
      if (!gone)
        return "deleted_field (" + of.deleted_place + ") " + gone.error().message;
      row.deleted = *gone;
    }
  return {};
}

} // namespace

result<row_page> read_items(const description& of, std::string& body, bool skip_first) {
  auto page = read_rows(
    body, of.list, of.what(), of.table, "item",
    [&of](simdjson::ondemand::object&, std::string_view raw, synced_row& row) { return read_item(of, raw, row); });
  if (!page || !skip_first)
    return page;
  // Read like the others, so that those keep their places in what is told of them.
  if (!page->errors.empty() && page->errors.front().message.starts_with("item 1: "))
    page->errors.erase(page->errors.begin());
  else if (!page->rows.empty())
    page->rows.erase(page->rows.begin());
  return page;
}

} // namespace penstock::connectors::http_json
