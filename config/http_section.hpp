#pragma once

#include "config/assembly.hpp"
#include "config/section_declaration.hpp"
#include "config/settings.hpp"
#include "config/surroundings.hpp"

namespace penstock::config {

[[nodiscard]] section_declaration http_section();

/// The checked values as one; what is wrong with one of them is complained of.
[[nodiscard]] http_settings make_http(assembly& from, const surroundings& here);

} // namespace penstock::config
