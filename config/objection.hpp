#pragma once

#include <string>

namespace penstock::config {

/// A value that its type and bounds allow, but the rest of the house cannot work with.
struct objection {
  std::string key;     ///< "database.url"; empty: no key in particular
  std::string message; ///< says what to write instead; never holds the value of a secret
};

} // namespace penstock::config
