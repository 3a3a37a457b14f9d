#pragma once

#include <vector>

#include "config/objection.hpp"
#include "config/settings.hpp"

namespace penstock::config {

/// Looks at the settings as a whole; asks the disk only whether named files can be read.
[[nodiscard]] std::vector<objection> validate(const settings& values);

} // namespace penstock::config
