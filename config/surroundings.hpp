#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace penstock::config {

/// What the defaults and the search depend on outside the configuration itself. Injected, so that tests own it.
struct surroundings {
  std::filesystem::path working_directory; ///< absolute
  std::map<std::string, std::string> environment;
  bool as_root = false;
  std::string host_name;
};

/// Of this process, now. Call it before other threads may change the environment.
[[nodiscard]] surroundings surroundings_of_process();

} // namespace penstock::config
