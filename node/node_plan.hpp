#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "config/section_declaration.hpp"
#include "config/settings.hpp"
#include "config/surroundings.hpp"
#include "connectors/catalogue.hpp"
#include "messages/job_kind.hpp"

namespace penstock::node {

/// The configuration sections of all connectors that were built in, enabled or not.
[[nodiscard]] std::vector<config::section_declaration> connector_sections();

/// Everything that is decided before a node touches its disk or the network.
struct node_plan {
  config::settings settings;
  std::optional<std::filesystem::path> file{}; ///< the configuration file that was read
  std::vector<std::string> hints{};            ///< for people; not mistakes
  connectors::catalogue connectors{};          ///< of the enabled ones
  job_kind_catalogue kinds{};                  ///< the connectors' and the engine's
};

/// Reads the configuration and builds the enabled connectors. Else every mistake, one line each (exit status 78).
[[nodiscard]] tl::expected<node_plan, std::vector<std::string>>
make_plan(const std::optional<std::filesystem::path>& file, const config::surroundings& here);

/// The settings alone, for commands that only look for the node: connectors are not asked about theirs.
[[nodiscard]] tl::expected<config::settings, std::vector<std::string>>
read_settings(const std::optional<std::filesystem::path>& file, const config::surroundings& here);

} // namespace penstock::node
