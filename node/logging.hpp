#pragma once

#include <string>

#include "config/settings.hpp"
#include "core/error.hpp"

namespace penstock::node {

/// Sets up the log of the process (spdlog's default logger): text or JSON lines, to standard error or a rotated file.
/// `bad_configuration` when the file cannot be written.
[[nodiscard]] result<void> start_logging(const config::log_settings& settings, const std::string& node_name);

void set_log_level(config::log_level level);

/// Writes what is buffered. Called before the process ends.
void flush_log();

} // namespace penstock::node
