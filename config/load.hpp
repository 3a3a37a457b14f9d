#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "config/objection.hpp"
#include "config/problem.hpp"
#include "config/section_declaration.hpp"
#include "config/settings.hpp"
#include "config/surroundings.hpp"

namespace penstock::config {

struct load_request {
  std::optional<std::filesystem::path> file{}; ///< --config
  surroundings here{};
  std::map<std::string, std::string> flags{}; ///< key path ("http.listen") to text
  /// The connectors' sections, "connectors.NAME", beside the engine's own.
  std::vector<section_declaration> connectors{};
  /// What else the settings must satisfy, asked once, also when there are mistakes already; keys that were complained
  /// about by then stand at their defaults, and objections to them are left out.
  std::function<std::vector<objection>(const settings&)> inspect{};
};

struct loaded_settings {
  settings values;
  std::optional<std::filesystem::path> file{}; ///< as it was found; nothing: no file
  std::vector<std::string> hints{};            ///< one line each, for people; not mistakes
};

/// Finds and reads the configuration: defaults < file < environment < flags. Either everything is well, or all
/// mistakes of all layers are told at once. Blocks on disk. Exit status 78 is for these problems.
[[nodiscard]] tl::expected<loaded_settings, std::vector<problem>> load(const load_request& request);

} // namespace penstock::config
