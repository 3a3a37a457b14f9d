// Exports of Health Auto Export: what is read of them is the same however the body is cut into pieces and turns.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "connectors/apple_health/element_turn.hpp"
#include "connectors/apple_health/export_index.hpp"
#include "connectors/apple_health/large_object.hpp"
#include "connectors/apple_health/metric_point.hpp"
#include "connectors/apple_health/object_rows.hpp"

namespace {

using namespace penstock;
using namespace penstock::connectors::apple_health;

piece_reader pieces_of(const std::string& text, std::size_t bytes) {
  return [&text, bytes](std::int64_t from) -> result<std::optional<body_piece>> {
    const auto at = static_cast<std::size_t>(from) * bytes;
    if (at >= text.size())
      return std::nullopt;
    return body_piece{from, text.substr(at, bytes)};
  };
}

constexpr std::size_t most_of_an_object = 2000;

element_reading read_metric(json_walk& walk, const export_list& list) {
  element_reading found;
  std::string text;
  if (!walk.copy_value(text, most_of_an_object))
    found.problem = "too large";
  else if (!walk.problem())
    found.problem = read_point(text, list.name, list.units, found.row);
  return found;
}

element_reading read_object(json_walk& walk, const export_list& list) {
  element_reading found;
  large_object object;
  found.problem = object.read(walk, most_of_an_object);
  if (found.problem.empty() && !walk.problem())
    found.problem = list.name == "workouts" ? workout_row(object, found.row) : record_row(object, list.name, found.row);
  return found;
}

/// Rows and errors of the lists, as text; each turn's args go the way of a job's.
void read_lists(const piece_reader& body, const std::vector<export_list>& lists, const element_reader& read,
                const turn_bounds& bounds, std::vector<std::string>& told) {
  std::int64_t expected = export_index::elements_of(lists), seen = 0;
  for (auto& first : first_turns(lists))
    for (auto args = std::move(first); !args.done();) {
      auto turn = read_turn(body, std::move(args), "table", 1, read, bounds);
      if (!turn)
        std::abort(); // the index has been through this text
      seen += static_cast<std::int64_t>(turn->rows.size()) + turn->wrong;
      for (const auto& row : turn->rows) {
        if (row.source_id.empty())
          std::abort();
        told.push_back(row.source_id);
        for (const auto& value : row.values)
          if (const auto* text = std::get_if<std::string>(&value))
            told.push_back(*text);
      }
      for (const auto& wrong : turn->errors)
        told.push_back("wrong: " + wrong.message);
      auto next = parse_turn_args("kind", to_text(turn->next));
      if (!next)
        std::abort();
      args = std::move(*next);
    }
  if (seen != expected)
    std::abort();
}

std::vector<std::string> read_all(const std::string& text, std::size_t piece, const turn_bounds& bounds) {
  const auto pieces = pieces_of(text, piece);
  body_cursor body(pieces);
  const auto index = index_export(body);
  if (!index) {
    const auto& problem = index.error();
    if (problem.code != error_code::unexpected_shape || problem.cls() != error_class::final ||
        problem.message.empty() || problem.message.find('\n') != std::string::npos)
      std::abort(); // one line, and no other try
    return {problem.message};
  }
  std::vector<std::string> told;
  for (const auto& wrong : index->errors)
    told.push_back("wrong: " + wrong.message);
  read_lists(pieces, index->metrics, read_metric, bounds, told);
  read_lists(pieces, index->workouts, read_object, bounds, told);
  read_lists(pieces, index->others, read_object, bounds, told);
  std::sort(told.begin(), told.end()); // a turn gives its errors apart from its rows
  return told;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 16'384)
    return 0;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto whole = read_all(text, size + 1, {});
  if (whole != read_all(text, 7, {.elements = 1, .bytes = 1}) ||
      whole != read_all(text, 64, {.elements = 3, .bytes = 50}))
    std::abort();
  return 0;
}
