#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "config/problem.hpp"
#include "config/surroundings.hpp"

namespace penstock::config {

/// The configuration file: `explicit_file` (--config), $PENSTOCK_CONFIG, ./penstock.toml, ./.penstock/penstock.toml,
/// /etc/penstock/penstock.toml, the first that is given or exists. Nothing: there is none, and defaults hold.
/// A given one is returned whether it exists or not, so that reading it says what is wrong.
[[nodiscard]] std::optional<std::filesystem::path> find_file(const std::optional<std::filesystem::path>& explicit_file,
                                                             const surroundings& here);

/// The text of the file, 1 MB at most. The path is relative to the working directory.
[[nodiscard]] tl::expected<std::string, problem> read_file(const std::filesystem::path& file, const surroundings& here);

} // namespace penstock::config
