#include "node/name_clashes.hpp"

#include <algorithm>
#include <string>

namespace penstock::node {
namespace {

/// The key of the table of the configuration that fills this table of the database.
std::string key_of(const connectors::connector_declaration& of, const config::section& section,
                   const std::string& table) {
  const bool named = std::any_of(of.table_settings.begin(), of.table_settings.end(),
                                 [](const config::setting& each) { return each.key == "table"; });
  for (const auto& each : section.tables())
    if (named && each.settings.text("table") == table)
      return "connectors." + of.name + "." + each.name + ".table";
  return "connectors." + of.name + "." + table;
}

void compare(const connectors::connector_declaration& of, const config::section& section,
             const connectors::connector& described, const connectors::connector& other,
             std::vector<config::objection>& found) {
  for (const auto& mine : described.services)
    for (const auto& theirs : other.services)
      if (mine.name == theirs.name)
        found.push_back({"connectors." + of.name + "." + mine.name,
                         "the connector " + other.name + " has a service of this name: call the table something else"});
  for (const auto& mine : described.tables)
    for (const auto& theirs : other.tables)
      if (mine.name == theirs.name)
        found.push_back({key_of(of, section, mine.name),
                         "'" + mine.name + "' is a table of the connector " + other.name + ": name another table"});
}

} // namespace

std::vector<config::objection> name_clashes(const connectors::registry& known, const config::settings& values,
                                            const std::vector<connectors::connector>& enabled,
                                            const std::vector<connectors::connector>& idle) {
  std::vector<config::objection> found;
  for (const auto& of : known.declarations()) {
    if (of.table_settings.empty())
      continue;
    const auto described =
      std::find_if(enabled.begin(), enabled.end(), [&](const auto& each) { return each.name == of.name; });
    if (described == enabled.end())
      continue;
    for (const auto* others : {&enabled, &idle})
      for (const auto& other : *others)
        if (other.name != of.name)
          compare(of, values.connectors.at(of.name), *described, other, found);
  }
  return found;
}

} // namespace penstock::node
