#pragma once

#include <vector>

#include "config/section_declaration.hpp"

namespace penstock::config {

/// The sections of the engine itself, in the order in which the shipped file shows them.
[[nodiscard]] std::vector<section_declaration> engine_sections();

/// Those, and then the connectors': what `render_example` makes config/penstock.toml of.
[[nodiscard]] std::vector<section_declaration> all_sections(const std::vector<section_declaration>& connectors);

} // namespace penstock::config
