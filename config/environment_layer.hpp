#pragma once

#include <map>
#include <string>

#include "config/assembly.hpp"

namespace penstock::config {

/// Hands on PENSTOCK_SECTION__KEY and the names of the system documents that settings declare; the former win. A
/// variable that is set to nothing counts as not set. A name with the prefix PENSTOCK_ that fits no key is a mistake,
/// unless the programs use it themselves. Other engines' variables (REDIS_*, QUEUE_CONNECTION) are met with a hint.
void apply_environment(assembly& into, const std::map<std::string, std::string>& environment);

/// Hands on values of the command line: key path ("http.listen") to text.
void apply_flags(assembly& into, const std::map<std::string, std::string>& flags);

} // namespace penstock::config
