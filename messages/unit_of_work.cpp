#include "messages/unit_of_work.hpp"

namespace penstock {
namespace {

std::size_t size_of(const column_value& value) noexcept {
  const auto* text = std::get_if<std::string>(&value);
  return text ? text->size() : sizeof(std::int64_t);
}

} // namespace

std::size_t unit_of_work::weight() const noexcept {
  // Fixed costs approximate what SQLite writes for a row beside its text: headers, keys and index entries.
  constexpr std::size_t row_cost = 100;
  std::size_t bytes = row_cost;
  for (const auto& batch : rows)
    for (const auto& row : batch.rows) {
      bytes += row_cost + row.source_id.size();
      for (const auto& value : row.values)
        bytes += size_of(value);
    }
  for (const auto& batch : appends)
    for (const auto& row : batch.rows)
      for (const auto& value : row)
        bytes += row_cost + size_of(value);
  for (const auto& job : jobs)
    bytes += row_cost + job.args.size() + job.payload.size();
  for (const auto& event : events)
    bytes += row_cost + event.data.size();
  for (const auto& line : logs)
    bytes += row_cost + line.message.size();
  for (const auto& exchange : exchanges)
    bytes += exchange.request_body.size() + exchange.response_body.size();
  for (const auto& change : changes)
    if (const auto* answer = std::get_if<keep_answer>(&change))
      bytes += answer->body.size();
    else if (const auto* piece = std::get_if<stage_body>(&change))
      bytes += piece->bytes.size();
  return bytes + row_cost * (changes.size() + cursors.size() + exchanges.size());
}

} // namespace penstock
