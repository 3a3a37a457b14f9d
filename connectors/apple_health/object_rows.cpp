#include "connectors/apple_health/object_rows.hpp"

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include <openssl/evp.h>

#include "connectors/apple_health/tables.hpp"
#include "core/rfc3339.hpp"

namespace penstock::connectors::apple_health {
namespace {

column_value column_of(const std::optional<timestamp>& at) {
  return at ? column_value(std::int64_t{at->time_since_epoch().count()}) : column_value();
}

column_value column_of(const std::optional<std::string>& text) {
  return text && !text->empty() ? column_value(*text) : column_value();
}

column_value column_of(const std::optional<double>& number) { return number ? column_value(*number) : column_value(); }

void put_amount(synced_row& row, workout_column qty, workout_column units,
                const std::optional<large_object::quantity>& amount) {
  if (!amount)
    return;
  row.values[qty] = amount->qty;
  row.values[units] = column_of(std::optional(amount->units));
}

/// Version 1 tells no duration.
std::optional<double> duration_of(const std::optional<double>& told, const std::optional<timestamp>& start,
                                  const std::optional<timestamp>& end) {
  if (told || !start || !end)
    return told;
  return std::chrono::duration<double>(*end - *start).count();
}

std::optional<std::string> first_text(const large_object& from, std::initializer_list<std::string_view> keys,
                                      std::string& problem) {
  for (const auto key : keys)
    if (auto text = from.text(key, problem); text && !text->empty())
      return text;
  return std::nullopt;
}

std::optional<timestamp> first_time(const large_object& from, std::initializer_list<std::string_view> keys,
                                    std::string& problem) {
  for (const auto key : keys)
    if (const auto moment = from.time(key, problem))
      return moment;
  return std::nullopt;
}

std::string digest_of(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1)
    for (unsigned int i = 0; i < size; ++i)
      out.append({digits[digest[i] >> 4U], digits[digest[i] & 15U]});
  return out;
}

} // namespace

std::string workout_row(large_object& workout, synced_row& row) {
  row.values.assign(workout_column_count, std::monostate{});
  std::string problem;
  const auto id = workout.text("id", problem);
  const auto name = workout.text("name", problem);
  const auto start = workout.time("start", problem);
  const auto end = workout.time("end", problem);
  const auto told = workout.number("duration", problem);
  auto energy = workout.amount("activeEnergyBurned", problem);
  if (!energy)
    energy = workout.amount("activeEnergy", problem);
  const auto distance = workout.amount("distance", problem);
  if (problem.empty() && !start)
    problem = "'start' is missing";
  if (problem.empty() && name.value_or("").empty())
    problem = "'name' is missing";
  if (!problem.empty())
    return problem;
  row.source_id = id && !id->empty() ? *id : format_rfc3339(*start) + ' ' + *name;
  row.values[workout_name] = *name;
  row.values[workout_started_at] = column_of(start);
  row.values[workout_ended_at] = column_of(end);
  row.values[workout_duration_s] = column_of(duration_of(told, start, end));
  put_amount(row, workout_energy, workout_energy_units, energy);
  put_amount(row, workout_distance, workout_distance_units, distance);
  row.values[workout_raw] = workout.take_json();
  return {};
}

std::string record_row(large_object& record, const std::string& section, synced_row& row) {
  row.values.assign(record_column_count, std::monostate{});
  std::string problem;
  const auto id = record.text("id", problem);
  const auto name = first_text(record, {"name", "displayText", "kind", "classification"}, problem);
  const auto start = first_time(record, {"start", "startDate", "date", "scheduledDate", "timestamp"}, problem);
  const auto end = first_time(record, {"end", "endDate"}, problem);
  const auto source = first_text(record, {"source"}, problem);
  if (!problem.empty())
    return problem;
  row.values[record_kind] = section;
  row.values[record_name] = column_of(name);
  row.values[record_recorded_at] = column_of(start);
  row.values[record_ended_at] = column_of(end);
  row.values[record_source] = column_of(source);
  auto json = record.take_json();
  if (id && !id->empty())
    row.source_id = section + '/' + *id;
  else if (start)
    row.source_id = section + '/' + format_rfc3339(*start) + '/' + name.value_or("") + '/' + source.value_or("");
  else
    row.source_id = section + '/' + digest_of(json);
  row.values[record_raw] = std::move(json);
  return {};
}

} // namespace penstock::connectors::apple_health
