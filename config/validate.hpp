#pragma once

#include <string>
#include <vector>

#include "config/settings.hpp"

namespace penstock::config {

/// A value that its type and bounds allow, but the rest of the house cannot work with.
struct objection {
  std::string key; ///< "database.url"
  std::string message;
};

/// Looks at the settings as a whole; asks the disk only whether named files can be read.
[[nodiscard]] std::vector<objection> validate(const settings& values);

} // namespace penstock::config
