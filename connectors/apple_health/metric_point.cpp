#include "connectors/apple_health/metric_point.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/apple_health/export_time.hpp"
#include "connectors/apple_health/small_json.hpp"
#include "connectors/apple_health/tables.hpp"
#include "core/rfc3339.hpp"

namespace penstock::connectors::apple_health {
namespace {

namespace dom = simdjson::dom;

/// Times that say more of a point than when it was recorded; they stay in `extra` as they came.
constexpr std::array<std::string_view, 5> further_times{"endDate", "sleepStart", "sleepEnd", "inBedStart", "inBedEnd"};

class point_reader {
public:
  explicit point_reader(synced_row& row) : row_(row) { row.values.assign(metric_column_count, std::monostate{}); }

  std::string read(dom::object point, const std::string& name, const std::string& units) {
    for (const auto field : point)
      if (!field.value.is_null())
        take(field.key, field.value);
    row_.values[metric_name] = name;
    if (!units_.empty() || !units.empty())
      row_.values[metric_units] = units_.empty() ? units : units_;
    settle_time();
    settle_extra();
    if (problem_.empty())
      row_.source_id = key(name);
    return std::move(problem_);
  }

private:
  void take(std::string_view key, dom::element value) {
    if (key == "date")
      take_date(value);
    else if (key == "qty")
      number(key, value, metric_qty);
    else if (key == "Min" || key == "min")
      number(key, value, metric_min);
    else if (key == "Avg" || key == "avg")
      number(key, value, metric_avg);
    else if (key == "Max" || key == "max")
      number(key, value, metric_max);
    else if (key == "source")
      source_ = label(key, value);
    else if (key == "units")
      units_ = label(key, value);
    else
      take_further(key, value);
  }

  void take_date(dom::element value) {
    date_told_ = value;
    date_ = time("date", value);
  }

  void take_further(std::string_view key, dom::element value) {
    extra_.emplace_back(key, value);
    if (key == "startDate")
      start_ = time(key, value);
    else if (key == "sleepSource")
      sleep_source_ = label(key, value);
    else if ((key == "value" || key == "reason") && value.is_string())
      (key == "value" ? kind_ : reason_) = label(key, value);
    else if (std::find(further_times.begin(), further_times.end(), key) != further_times.end())
      (void)time(key, value);
  }

  std::optional<timestamp> time(std::string_view key, dom::element value) {
    std::string_view text;
    const auto moment = value.get_string().get(text) ? std::nullopt : parse_export_time(text);
    if (!moment)
      complain(key, "is not a time: 2025-08-12 00:00:00 +0100 is expected");
    return moment;
  }

  void number(std::string_view key, dom::element value, metric_column into) {
    double read = 0;
    if (value.get_double().get(read))
      return complain(key, "is not a number");
    row_.values[into] = read;
    has_value_ = true;
  }

  std::string label(std::string_view key, dom::element value) {
    std::string_view text;
    if (value.get_string().get(text) || text.size() > longest_label || has_control_character(text)) {
      complain(key, "is not a text of one line, at most " + std::to_string(longest_label) + " bytes");
      return {};
    }
    return std::string(text);
  }

  /// A stage of sleep begins at its startDate; its `date`, where it has one, may be the night's.
  void settle_time() {
    if (const auto at = start_ ? start_ : date_)
      row_.values[metric_recorded_at] = std::int64_t{at->time_since_epoch().count()};
    else
      complain("date", "is missing");
    if (start_ && date_)
      extra_.emplace_back("date", date_told_);
  }

  void settle_extra() {
    // Older versions tell the source of sleep under a name of its own.
    if (source_.empty())
      source_ = sleep_source_;
    if (!source_.empty())
      row_.values[metric_source] = source_;
    if (extra_.empty()) {
      if (!has_value_)
        complain("qty", "is missing, and there is no other value");
      return;
    }
    std::stable_sort(extra_.begin(), extra_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::string text = "{";
    for (auto at = extra_.begin(); at != extra_.end(); ++at) {
      if (std::next(at) != extra_.end() && std::next(at)->first == at->first)
        continue; // the last one of a name counts
      if (text.size() > 1)
        text += ',';
      append_quoted(text, at->first);
      text += ':';
      append_canonical(text, at->second);
    }
    row_.values[metric_extra] = text + '}';
  }

  /// One for each name, time and source; stages of sleep that begin together, and doses for different reasons, are
  /// several.
  std::string key(const std::string& name) const {
    const auto& at = std::get<std::int64_t>(row_.values[metric_recorded_at]);
    std::string made = name + '/' + format_rfc3339(timestamp{duration{at}}) + '/' + source_;
    for (const auto* more : {&kind_, &reason_})
      if (!more->empty())
        made += '#' + *more;
    return made;
  }

  void complain(std::string_view key, std::string_view what) {
    if (problem_.empty())
      problem_ = "'" + std::string(key) + "' " + std::string(what);
  }

  synced_row& row_;
  std::optional<timestamp> date_, start_;
  dom::element date_told_;
  std::string source_, sleep_source_, units_, kind_, reason_;
  std::vector<std::pair<std::string_view, dom::element>> extra_;
  bool has_value_ = false;
  std::string problem_;
};

} // namespace

std::string read_point(std::string& json, const std::string& name, const std::string& units, synced_row& row) {
  const auto parsed = small_value(json);
  if (!parsed)
    return "not JSON";
  dom::object point;
  if (parsed->get_object().get(point))
    return "not an object";
  return point_reader(row).read(point, name, units);
}

} // namespace penstock::connectors::apple_health
