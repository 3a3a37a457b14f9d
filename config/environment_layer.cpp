#include "config/environment_layer.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "config/planned_keys.hpp"

namespace penstock::config {
namespace {

constexpr std::string_view prefix = "PENSTOCK_";

/// Read by the programs and scripts themselves.
constexpr std::array<std::string_view, 8> reserved{"PENSTOCK_CONFIG",       "PENSTOCK_URL",         "PENSTOCK_TOKEN",
                                                   "PENSTOCK_CA_FILE",      "PENSTOCK_LONG",        "PENSTOCK_JOBS",
                                                   "PENSTOCK_SKIP_INSTALL", "PENSTOCK_BENCH_FOLDER"};

using places = std::map<std::string, schema::place>;

/// Every key of every section that exists, under its environment name.
places places_by_name(const assembly& from) {
  places by_name;
  for (const auto& [path, values] : from.sections())
    for (const auto& each : from.names().section_at(path)->settings)
      by_name[environment_name(path, each.key)] = {path, &each};
  return by_name;
}

/// A section of a pattern that nobody named yet: PENSTOCK_QUEUES__MINE__CONCURRENCY opens "queues.mine".
std::optional<schema::place> place_of_pattern(const schema& names, std::string_view variable) {
  for (const auto& section : names.sections()) {
    if (!is_pattern(section))
      continue;
    const std::string parent = section.path.substr(0, section.path.size() - 2);
    const auto head = environment_name(parent, "");
    for (const auto& each : section.settings) {
      const auto tail = environment_name("", each.key).substr(prefix.size()); // "__CONCURRENCY"
      if (variable.size() <= head.size() + tail.size() || !variable.starts_with(head) || !variable.ends_with(tail))
        continue;
      std::string name(variable.substr(head.size(), variable.size() - head.size() - tail.size()));
      std::transform(name.begin(), name.end(), name.begin(),
                     [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
      if (fits_pattern(section, name) && name.find("__") == std::string::npos)
        return schema::place{parent + "." + name, &each};
    }
  }
  return std::nullopt;
}

/// "cluster.listen" for PENSTOCK_CLUSTER__LISTEN.
std::string path_of(std::string_view variable) {
  std::string path;
  for (auto rest = variable.substr(prefix.size()); !rest.empty();) {
    if (rest.starts_with("__")) {
      path += '.';
      rest.remove_prefix(2);
      continue;
    }
    path += rest.front() >= 'A' && rest.front() <= 'Z' ? static_cast<char>(rest.front() - 'A' + 'a') : rest.front();
    rest.remove_prefix(1);
  }
  return path;
}

void refuse_unknown(assembly& into, const std::string& variable, const places& known) {
  std::vector<std::string> names;
  for (const auto& [name, place] : known)
    names.push_back(name);
  into.complain({"environment", 0}, variable,
                is_planned(path_of(variable)) ? std::string(not_in_this_version)
                                              : "names no setting" + nearest_hint(variable, names));
}

void apply_document_names(assembly& into, const std::map<std::string, std::string>& environment) {
  for (const auto& section : into.names().sections())
    for (const auto& each : section.settings) {
      const auto given = each.environment.empty() ? environment.end() : environment.find(each.environment);
      if (given != environment.end() && !given->second.empty())
        into.take(section.path, each, value_from_text(each, given->second), {"environment", 0}, given->first);
    }
}

bool is_declared(const schema& names, std::string_view variable) {
  return std::any_of(names.sections().begin(), names.sections().end(), [variable](const section_declaration& section) {
    return std::any_of(section.settings.begin(), section.settings.end(),
                       [variable](const setting& each) { return each.environment == variable; });
  });
}

void hint_at_foreign_names(assembly& into, const std::map<std::string, std::string>& environment) {
  std::string redis;
  for (const auto& [name, text] : environment) {
    if (name.starts_with("REDIS_"))
      redis += (redis.empty() ? "" : ", ") + name;
    else if (name == "QUEUE_CONNECTION")
      into.hint("environment: QUEUE_CONNECTION has no effect: queues are kept in the database of 'database.url'");
    else if (is_planned_environment(name) && !is_declared(into.names(), name))
      into.hint("environment: " + name + " has no effect in this version of Penstock");
  }
  if (!redis.empty())
    into.hint("environment: " + redis +
              ": no effect, Penstock needs no Redis: queues are kept in the database of "
              "'database.url'");
}

} // namespace

void apply_environment(assembly& into, const std::map<std::string, std::string>& environment) {
  apply_document_names(into, environment);
  const auto known = places_by_name(into);
  for (const auto& [name, text] : environment) {
    if (!name.starts_with(prefix) || std::find(reserved.begin(), reserved.end(), name) != reserved.end())
      continue;
    const auto found = known.find(name);
    const auto place = found != known.end() ? std::optional(found->second) : place_of_pattern(into.names(), name);
    if (!place)
      refuse_unknown(into, name, known);
    else if (!text.empty())
      into.take(place->section, *place->declared, value_from_text(*place->declared, text), {"environment", 0}, name);
  }
  hint_at_foreign_names(into, environment);
}

void apply_flags(assembly& into, const std::map<std::string, std::string>& flags) {
  for (const auto& [key_path, text] : flags) {
    const auto place = into.names().find_key(key_path);
    if (place) {
      into.take(place->section, *place->declared, value_from_text(*place->declared, text), {"command line", 0},
                key_path);
      continue;
    }
    std::vector<std::string> keys;
    for (const auto& [path, values] : into.sections())
      for (const auto& each : into.names().section_at(path)->settings)
        keys.push_back(path + "." + each.key);
    into.complain({"command line", 0}, key_path,
                  is_planned(key_path) ? std::string(not_in_this_version)
                                       : "unknown key" + nearest_hint(key_path, keys));
  }
}

} // namespace penstock::config
