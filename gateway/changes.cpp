#include <algorithm>
#include <charconv>
#include <map>
#include <memory>

#include "core/id_text.hpp"
#include "gateway/api_tables.hpp"
#include "gateway/query_reader.hpp"
#include "gateway/replies.hpp"
#include "gateway/service_desk.hpp"

namespace penstock::gateway {
namespace {

/// "POSITION" of an event: behind all that it tells of; "POSITION.INDEX": behind that row of it.
result<storage::change_filter> place_of(std::string_view since) {
  storage::change_filter from;
  if (since.empty() || since == "0")
    return from;
  const auto dot = since.find('.');
  const auto position = parse_id_value(since.substr(0, dot));
  if (!position)
    return failure(error_code::invalid_argument, "since is a position as this list or an event tells it");
  from.after_position = *position;
  if (dot == std::string_view::npos)
    return from;
  const auto index = since.substr(dot + 1);
  const auto [end, problem] = std::from_chars(index.data(), index.data() + index.size(), from.after_index);
  if (problem != std::errc{} || end != index.data() + index.size() || from.after_index < 0)
    return failure(error_code::invalid_argument, "since is a position as this list or an event tells it");
  return from;
}

/// Behind this row; of the last of an event, behind the event.
std::string place_behind(const changed_row& row) {
  return std::to_string(row.position) + (row.last ? "" : "." + std::to_string(row.index));
}

struct page {
  storage::changed_rows changes;
  std::vector<std::optional<std::vector<column_value>>> contents; ///< by change; absent: the row is gone
  std::int64_t first_kept = 0, published = 0;
};

using schemas = std::map<std::string, table_schema, std::less<>>;

std::string select_of(const table_schema& schema) {
  std::string names = "first_seen_at, updated_at, deleted_at";
  for (const auto& each : schema.columns)
    names += ", " + each.name;
  return "SELECT " + names + " FROM " + schema.name + " WHERE integration_id = :p1 AND source_id = :p2";
}

result<page> read_page(storage::read_session& db, const storage::change_filter& wanted, std::int64_t limit,
                       const schemas& tables) {
  page found;
  // In this order: of what was published by then, all that is kept is in the list; what was swept by the end may be missing.
  const auto published = db.events().last_position();
  if (!published)
    return failure(published.error());
  found.published = *published;
  auto changes = db.changes().list(wanted, limit);
  if (!changes)
    return failure(std::move(changes.error()));
  found.changes = std::move(*changes);
  const auto first = db.events().first_position();
  if (!first)
    return failure(first.error());
  found.first_kept = *first;
  for (const auto& each : found.changes.rows) {
    auto& row = found.contents.emplace_back();
    const auto schema = tables.find(each.table);
    if (schema == tables.end())
      continue; // its connector is disabled
    auto stored = db.rows().select(select_of(schema->second), {each.integration.value, each.source_id}, 1);
    if (!stored)
      return failure(std::move(stored.error()));
    if (!stored->rows.empty())
      row = std::move(stored->rows.front());
  }
  return found;
}

/// Integers in columns `…_at` are microseconds, which the API tells as text.
void render_value(json_writer& out, std::string_view name, const column_value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    if (name.ends_with("_at"))
      out.time(timestamp{duration{*number}});
    else
      out.number(*number);
  } else if (const auto* real = std::get_if<double>(&value)) {
    out.real(*real);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    out.text(*text);
  } else {
    out.null();
  }
}

void render_row(json_writer& out, const table_schema& schema, const std::vector<column_value>& row) {
  constexpr std::array<std::string_view, 3> of_all{"first_seen_at", "updated_at", "deleted_at"};
  out.begin_object();
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::string_view name =
      i < of_all.size() ? of_all[i] : std::string_view(schema.columns[i - of_all.size()].name);
    out.key(name);
    render_value(out, name, row[i]);
  }
  out.end_object();
}

std::string_view name_of(changed_row::action what) {
  switch (what) {
    case changed_row::action::added: return "added";
    case changed_row::action::updated: return "updated";
    case changed_row::action::deleted: return "deleted";
  }
  return "updated";
}

/// Where nothing is left, behind all that was published: a quiet table's reader must not fall behind the sweep.
std::string next_since(const page& found) {
  const auto& rows = found.changes.rows;
  if (found.changes.more)
    return place_behind(rows.back());
  return std::to_string(rows.empty() ? found.published : std::max(found.published, rows.back().position));
}

std::string render_page(const page& found, const schemas& tables) {
  json_writer out;
  out.begin_object().key("items").begin_array();
  for (std::size_t i = 0; i < found.changes.rows.size(); ++i) {
    const auto& each = found.changes.rows[i];
    out.begin_object()
      .key("position")
      .text(std::to_string(each.position) + "." + std::to_string(each.index))
      .key("table")
      .text(each.table);
    out.key("action").text(name_of(each.what)).key("integration_id").id(each.integration);
    out.key("source_id").text(each.source_id).key("at").time(each.at).key("row");
    if (found.contents[i])
      render_row(out, tables.find(each.table)->second, *found.contents[i]);
    else
      out.null();
    out.end_object();
  }
  out.end_array().key("next_since").text(next_since(found)).key("more").boolean(found.changes.more).end_object();
  return out.take();
}

/// Whether something behind that place may be gone: rows of its own event, if it stopped amid them, or another's.
bool was_swept(const storage::change_filter& from, std::int64_t first_kept) {
  const bool amid = from.after_index != storage::change_filter::most_index;
  return from.after_position != 0 && from.after_position + (amid ? 0 : 1) < first_kept;
}

/// What happened to synced rows, in the order in which it was published. A row that was changed twice stands here twice,
/// both times with what it holds by now.
answer list(service_desk& desk, call& one) {
  query_reader query(one.request);
  const auto since = query.text("since");
  const auto limit = query.integer("limit", 1, 200).value_or(50);
  const auto table = query.text("table");
  auto wanted = place_of(since);
  if (!wanted)
    query.refuse(wanted.error().message);
  const auto tables = std::make_shared<schemas>(); // the read may outlive this, if it takes too long
  for (auto& each : desk.connectors.tables())
    if (!each.append_only)
      tables->emplace(each.name, each);
  if (!table.empty() && !tables->contains(table))
    query.refuse("there is no synced table of this name");
  if (auto problem = query.problem())
    co_return failure(std::move(*problem));
  wanted->table = table;
  wanted->organisation = one.who.organisation;
  auto read = [tables, wanted = *wanted, limit](storage::read_session& db) {
    return read_page(db, wanted, limit, *tables);
  };
  const auto found = co_await desk.port.read(std::move(read));
  if (!found)
    co_return failure(found.error());
  if (was_swept(*wanted, found->first_kept))
    co_return position_gone("changes behind this position were swept (retention.events): read the tables themselves, then "
                            "go on from a position of now");
  co_return json_reply(render_page(*found, *tables));
}

} // namespace

std::span<const route> change_routes() {
  static constexpr route table[] = {
    {"GET", "/api/v1/changes", scoped(access_level::viewer), list, with_query},
  };
  return table;
}

} // namespace penstock::gateway
