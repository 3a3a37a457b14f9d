#pragma once

#include <filesystem>
#include <iosfwd>
#include <optional>

#include "config/surroundings.hpp"

namespace penstock::node {

struct serve_request {
  std::optional<std::filesystem::path> config_file{};
  config::surroundings here;
};

/// Runs a node until it is told to stop; the exit status. Call it from the first thread, before there are others.
/// Address and token file go to `out` once it is ready, what keeps it from running to `err`, one line each.
/// SIGTERM and SIGINT stop it in order, a second one at once; SIGHUP reads `log.level` again.
[[nodiscard]] int serve(const serve_request& request, std::ostream& out, std::ostream& err);

} // namespace penstock::node
