#include "connectors/apple_health/source_lists.hpp"

#include <algorithm>
#include <string_view>
#include <variant>

#include "connectors/apple_health/tables.hpp"

namespace penstock::connectors::apple_health {
namespace {

struct told_point {
  std::vector<std::string_view> sources; ///< sorted, each once
  std::string_view rest;                 ///< what the key holds behind them: stages of sleep, reasons of doses
  std::int64_t version = 0;
};

std::string_view text_at(const stored_point& point, metric_column column) {
  const auto* text = std::get_if<std::string>(&point.values[column]);
  return text ? std::string_view(*text) : std::string_view();
}

std::vector<std::string_view> names_in(std::string_view list) {
  std::vector<std::string_view> names;
  while (!list.empty()) {
    const auto end = std::min(list.find('|'), list.size());
    if (end > 0)
      names.push_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

/// The key is name/time/source and the rest; see metric_point.cpp.
told_point read(const stored_point& point) {
  const auto source = text_at(point, metric_source);
  std::string_view key(point.source_id);
  key.remove_prefix(std::min(text_at(point, metric_name).size() + 1, key.size()));
  const auto slash = key.find('/');
  key.remove_prefix(slash == std::string_view::npos ? key.size() : std::min(slash + 1 + source.size(), key.size()));
  return {names_in(source), key, point.version};
}

bool covers(const told_point& wide, const told_point& other) {
  if (wide.version == other.version || wide.rest != other.rest || other.sources.empty() ||
      !std::includes(wide.sources.begin(), wide.sources.end(), other.sources.begin(), other.sources.end()))
    return false;
  return wide.sources.size() > other.sources.size() || wide.version > other.version;
}

} // namespace

std::vector<std::size_t> covered_points(const std::vector<stored_point>& points) {
  std::vector<told_point> all;
  all.reserve(points.size());
  for (const auto& each : points)
    all.push_back(read(each));
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (std::any_of(all.begin(), all.end(), [&](const auto& wide) { return covers(wide, all[i]); }))
      found.push_back(i);
  return found;
}

} // namespace penstock::connectors::apple_health
