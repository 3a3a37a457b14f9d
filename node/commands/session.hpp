#pragma once

#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>

#include "config/surroundings.hpp"
#include "core/time.hpp"

namespace penstock::node {

/// What every command is given beside its own arguments.
struct session {
  std::ostream& out;
  std::ostream& err;
  const wall_clock& clock;
  config::surroundings here{};
  bool out_is_terminal = false; ///< progress may be drawn over and over

  std::optional<std::filesystem::path> config_file{}; ///< --config
  std::string url{};                                  ///< --url or PENSTOCK_URL; empty: the configured node
  std::string token{};                                ///< --token or PENSTOCK_TOKEN; empty: the token file
  std::string ca_file{};                              ///< --ca-file or PENSTOCK_CA_FILE; empty: the configuration's
  bool json = false;                                  ///< print the REST body
};

} // namespace penstock::node
