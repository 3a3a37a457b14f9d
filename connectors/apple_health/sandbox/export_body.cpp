#include "connectors/apple_health/sandbox/export_body.hpp"

#include <array>
#include <cstdio>

#include "sandbox/draw.hpp"

namespace penstock::sandbox::apple_health {
namespace {

constexpr int route_points = 90;

/// "2025-08-12 00:00:00 +0100"
std::string time_text(timestamp moment) {
  using namespace std::chrono;
  const auto local = floor<seconds>(moment) + hours(1);
  const auto day = floor<days>(local);
  const year_month_day date{day};
  const hh_mm_ss time{local - day};
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02d:%02d:%02d +0100", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text.data();
}

void append_point(std::string& out, const phone& from, std::size_t metric, std::int64_t slot, timestamp now) {
  const auto value = from.value(metric, slot, now);
  out += R"({"date":")" + time_text(from.slot_start(slot)) + R"(","source":")";
  out += from.sources();
  if (metrics[metric].is_rate)
    out += R"(","Min":)" + std::to_string(value - 5) + R"(,"Avg":)" + std::to_string(value) + R"(.5,"Max":)" +
           std::to_string(value + 9) + '}';
  else
    out += R"(","qty":)" + std::to_string(value) + '}';
}

void append_metric(std::string& out, const phone& from, std::size_t metric, const export_part& part, timestamp now) {
  out += R"({"data":[)";
  for (auto slot = part.first_slot; slot < part.last_slot; ++slot) {
    if (slot > part.first_slot)
      out += ',';
    append_point(out, from, metric, slot, now);
  }
  out += R"(],"name":")";
  out += metrics[metric].name;
  out += R"(","units":")";
  out += metrics[metric].units;
  out += "\"}";
}

std::string uuid_text(std::uint64_t bits) {
  std::array<char, 40> text{};
  const auto more = mix(bits);
  std::snprintf(text.data(), text.size(), "%08X-%04X-4%03X-%04X-%012llX", static_cast<unsigned>(bits >> 32U),
                static_cast<unsigned>(bits >> 16U) & 0xffffU, static_cast<unsigned>(bits) & 0xfffU,
                (static_cast<unsigned>(more >> 48U) & 0x3fffU) | 0x8000U,
                static_cast<unsigned long long>(more & 0xffff'ffff'ffffU));
  return text.data();
}

void append_workout(std::string& out, const phone& from, std::int64_t number) {
  const auto start = from.workout_start(number);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(workout_length).count();
  out += R"({"id":")" + uuid_text(from.workout_bits(number)) + R"(","name":"Outdoor Walk","start":")" +
         time_text(start) + R"(","end":")" + time_text(start + workout_length) + R"(","duration":)" +
         std::to_string(seconds) + R"(,"location":"Outdoor","metadata":[],"activeEnergyBurned":{"qty":)" +
         std::to_string(from.workout_energy(number)) +
         R"(,"units":"kcal"},"distance":{"qty":2.25,"units":"km"},"heartRateData":[)";
  draws draw(from.workout_bits(number));
  for (int i = 0; i < 30; ++i)
    out += (i ? "," : "") + std::string(R"({"Avg":)") + std::to_string(90 + draw.below(60)) + R"(,"date":")" +
           time_text(start + std::chrono::minutes(i)) + R"(","units":"bpm"})";
  out += R"(],"route":[)";
  for (int i = 0; i < route_points; ++i)
    out += (i ? "," : "") + std::string(R"({"latitude":51.5)") + std::to_string(100 + i) + R"(,"longitude":-0.1)" +
           std::to_string(100 + draw.below(900)) + R"(,"altitude":)" + std::to_string(draw.below(40)) +
           R"(,"timestamp":")" + time_text(start + std::chrono::seconds(20 * i)) + R"("})";
  out += "]}";
}

} // namespace

std::string export_body(const phone& from, const export_part& part, timestamp now) {
  constexpr std::size_t bytes_of_a_point = 100;
  std::string out;
  out.reserve(metrics.size() * static_cast<std::size_t>(part.last_slot - part.first_slot) * bytes_of_a_point);
  out += R"({"data":{"metrics":[)";
  for (std::size_t metric = 0; metric < metrics.size(); ++metric) {
    if (metric > 0)
      out += ',';
    append_metric(out, from, metric, part, now);
  }
  out += R"(],"workouts":[)";
  for (auto number = part.first_workout; number < part.last_workout; ++number) {
    if (number > part.first_workout)
      out += ',';
    append_workout(out, from, number);
  }
  out += "]}}";
  return out;
}

} // namespace penstock::sandbox::apple_health
