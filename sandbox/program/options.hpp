#pragma once

#include <optional>

#include "sandbox/sandbox_server.hpp"

namespace penstock::sandbox {

/// Reads the command line. Nothing: `exit_code` says how the program ends, and what there was to say is printed.
[[nodiscard]] std::optional<sandbox_settings> read_options(int argc, const char* const* argv, int& exit_code);

} // namespace penstock::sandbox
