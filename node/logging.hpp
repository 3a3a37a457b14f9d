#pragma once

#include <functional>
#include <string>

#include "config/settings.hpp"
#include "core/error.hpp"

namespace penstock::node {

/// Sets up the log of the process (spdlog's default logger): text or JSON lines, to standard error or a rotated file.
/// `bad_configuration` when the file cannot be written.
[[nodiscard]] result<void> start_logging(const config::log_settings& settings, const std::string& node_name);

void set_log_level(config::log_level level);

/// Called with the text of a line of level error or above, on the thread that writes it; must not block or throw, may write
/// to the log. `fatal`: the node cannot go on.
using error_listener = std::function<void(const std::string& line, bool fatal)>;

/// Whom errors of the node itself are told, from now on; null: nobody. Not from within a
/// listener: it waits until the former one is called no more. Lines that tell of failures of work
/// (core/failure_field.hpp) are left out: the events of those tell more.
void set_error_listener(error_listener listener);

/// Writes what is buffered. Called before the process ends.
void flush_log();

} // namespace penstock::node
