#include "node/node_plan.hpp"

#include <utility>

#include "actors/engine_kinds.hpp"
#include "config/load.hpp"
#include "connectors/connector.hpp"

namespace penstock::node {
namespace {

std::string section_path(const connectors::connector_declaration& of) { return "connectors." + of.name; }

std::vector<config::section_declaration> sections_of(const connectors::registry& known) {
  std::vector<config::section_declaration> sections;
  for (const auto& each : known.declarations())
    sections.push_back({.path = section_path(each),
                        .summary = each.summary,
                        .settings = each.settings,
                        .enabled_default = each.enabled_by_default});
  return sections;
}

std::vector<std::string> lines_of(const std::vector<config::problem>& problems) {
  std::vector<std::string> lines;
  for (const auto& each : problems)
    lines.push_back(to_text(each));
  return lines;
}

tl::expected<config::loaded_settings, std::vector<std::string>>
load_settings(const std::optional<std::filesystem::path>& file, const config::surroundings& here,
              const connectors::registry& known) {
  auto loaded = config::load({.file = file, .here = here, .connectors = sections_of(known)});
  if (!loaded)
    return tl::unexpected(lines_of(loaded.error()));
  return std::move(*loaded);
}

} // namespace

std::vector<config::section_declaration> connector_sections() {
  connectors::registry known;
  connectors::register_all(known);
  return sections_of(known);
}

tl::expected<config::settings, std::vector<std::string>> read_settings(const std::optional<std::filesystem::path>& file,
                                                                       const config::surroundings& here) {
  connectors::registry known;
  connectors::register_all(known);
  return load_settings(file, here, known).map([](config::loaded_settings&& loaded) {
    return std::move(loaded.values);
  });
}

tl::expected<node_plan, std::vector<std::string>> make_plan(const std::optional<std::filesystem::path>& file,
                                                            const config::surroundings& here) {
  connectors::registry known;
  connectors::register_all(known);
  auto loaded = load_settings(file, here, known);
  if (!loaded)
    return tl::unexpected(std::move(loaded.error()));

  node_plan plan{
    .settings = std::move(loaded->values), .file = std::move(loaded->file), .hints = std::move(loaded->hints)};
  std::vector<connectors::connector> enabled;
  std::vector<std::string> problems;
  for (const auto& each : known.declarations()) {
    const auto& section = plan.settings.connectors.at(each.name);
    if (!section.boolean("enabled"))
      continue;
    auto built = each.build(section);
    if (built)
      enabled.push_back(std::move(*built));
    else if (built.error().message.starts_with(section_path(each)))
      problems.push_back(std::move(built.error().message));
    else
      problems.push_back(section_path(each) + ": " + built.error().message);
  }
  if (!problems.empty())
    return tl::unexpected(std::move(problems));
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
