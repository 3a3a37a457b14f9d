#include "node/node_plan.hpp"

#include <utility>

#include "actors/engine_kinds.hpp"
#include "config/load.hpp"
#include "connectors/connector.hpp"
#include "node/name_clashes.hpp"
#include "node/outgoing.hpp"
#include "node/sentry_setup.hpp"

namespace penstock::node {
namespace {

std::string section_path(const connectors::connector_declaration& of) { return "connectors." + of.name; }

std::vector<config::section_declaration> sections_of(const connectors::registry& known) {
  std::vector<config::section_declaration> sections;
  for (const auto& each : known.declarations()) {
    sections.push_back({.path = section_path(each),
                        .summary = each.summary,
                        .settings = each.settings,
                        .enabled_default = each.enabled_by_default});
    if (!each.table_settings.empty())
      sections.push_back({.path = section_path(each) + ".*",
                          .summary = "A table of each name that you like, as often as you like: connectors/" +
                                     each.name + "/README.md says more.",
                          .settings = each.table_settings,
                          .identifiers = true});
  }
  return sections;
}

std::vector<std::string> lines_of(const std::vector<config::problem>& problems) {
  std::vector<std::string> lines;
  for (const auto& each : problems)
    lines.push_back(to_text(each));
  return lines;
}

/// Builds the enabled connectors into `built`. What they object to, and names that two of them would have.
std::vector<config::objection> build_connectors(const connectors::registry& known, const config::settings& values,
                                                std::vector<connectors::connector>& built) {
  std::vector<config::objection> objections;
  std::vector<connectors::connector> idle;
  for (const auto& each : known.declarations()) {
    const auto& section = values.connectors.at(each.name);
    if (!section.boolean("enabled")) {
      if (auto one = each.build(section))
        idle.push_back(std::move(*one));
      continue;
    }
    if (auto one = each.build(section))
      built.push_back(std::move(*one));
    else
      for (auto& wrong : one.error())
        objections.push_back(
          {section_path(each) + (wrong.key.empty() ? "" : "." + wrong.key), std::move(wrong.message)});
  }
  for (auto& each : name_clashes(known, values, built, idle))
    objections.push_back(std::move(each));
  return objections;
}

} // namespace

std::vector<config::section_declaration> connector_sections() {
  connectors::registry known;
  connectors::register_all(known);
  return sections_of(known);
}

tl::expected<config::settings, std::vector<std::string>> read_settings(const std::optional<std::filesystem::path>& file,
                                                                       const config::surroundings& here) {
  auto loaded = config::load({.file = file, .here = here, .connectors = connector_sections()});
  if (!loaded)
    return tl::unexpected(lines_of(loaded.error()));
  return std::move(loaded->values);
}

tl::expected<node_plan, std::vector<std::string>> make_plan(const std::optional<std::filesystem::path>& file,
                                                            const config::surroundings& here) {
  connectors::registry known;
  connectors::register_all(known);
  std::vector<connectors::connector> enabled;
  auto loaded = config::load(
    {.file = file, .here = here, .connectors = sections_of(known), .inspect = [&](const config::settings& values) {
       auto objections = build_connectors(known, values, enabled);
       for (auto& each : tls_objections(values.http))
         objections.push_back(std::move(each));
       for (auto& each : outgoing_objections(values, sections_of(known)))
         objections.push_back(std::move(each));
       for (auto& each : sentry_objections(values))
         objections.push_back(std::move(each));
       return objections;
     }});
  if (!loaded)
    return tl::unexpected(lines_of(loaded.error()));

  node_plan plan{
    .settings = std::move(loaded->values), .file = std::move(loaded->file), .hints = std::move(loaded->hints)};
  auto catalogue = connectors::catalogue::build(std::move(enabled));
  if (!catalogue)
    return tl::unexpected(std::vector{std::move(catalogue.error().message)});
  plan.connectors = std::move(*catalogue);
  for (auto& kind : plan.connectors.kinds())
    plan.kinds.add(std::move(kind));
  actors::add_engine_kinds(plan.kinds);
  return plan;
}

} // namespace penstock::node
