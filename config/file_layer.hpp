#pragma once

#include <string>

#include "config/assembly.hpp"
#include "config/toml_value.hpp"

namespace penstock::config {

/// Hands the values of a parsed file on, and notes every name that nobody declared and every value of a wrong type.
void apply_file(assembly& into, const toml_value& root, const std::string& file);

} // namespace penstock::config
