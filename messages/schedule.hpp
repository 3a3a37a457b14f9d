#pragma once

#include <string>

#include "core/ids.hpp"
#include "core/time.hpp"

namespace penstock {

/// Makes jobs at times. Its name is its identity.
struct schedule {
  std::string name;
  std::string rule;      ///< "30 4 * * 1-5" or "every 30s"
  std::string time_zone = "UTC";
  std::string kind;
  std::string args = "{}";
  std::string queue;     ///< empty: the kind's
  bool enabled = true;
  duration catch_up{};   ///< how old a missed firing may be and still be made good; zero: the default of its rule
  timestamp last_fired_at = no_time; ///< the occurrence, not the moment of the work
  timestamp created_at = no_time;
};

} // namespace penstock
