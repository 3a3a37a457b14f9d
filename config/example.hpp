#pragma once

#include <string>
#include <vector>

#include "config/section_declaration.hpp"

namespace penstock::config {

/// The text of config/penstock.toml: every section and key with its line of documentation, every key commented out
/// with its default, or an example where the default is made at start ("#key = value", while prose starts with "# ").
/// Uncommented, it is a valid file.
[[nodiscard]] std::string render_example(const std::vector<section_declaration>& sections);

} // namespace penstock::config
