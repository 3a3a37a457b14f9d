#pragma once

#include "config/assembly.hpp"
#include "config/settings.hpp"
#include "config/surroundings.hpp"

namespace penstock::config {

/// The typed settings of what was set, with the defaults that depend on the machine and on other settings. What
/// cannot be made sense of is noted in `from` as a problem and left at its default.
[[nodiscard]] settings make_settings(assembly& from, const surroundings& here);

} // namespace penstock::config
