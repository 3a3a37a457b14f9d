#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "config/surroundings.hpp"

namespace penstock::config {

/// $HOME, if it is absolute.
[[nodiscard]] std::optional<std::string> home_of(const surroundings& here);

/// "~/" is the home directory, anything relative starts at the working directory. Empty stays empty.
[[nodiscard]] std::filesystem::path absolute_path(const std::string& text, const surroundings& here);

} // namespace penstock::config
