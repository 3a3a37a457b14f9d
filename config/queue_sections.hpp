#pragma once

#include <vector>

#include "config/assembly.hpp"
#include "config/section_declaration.hpp"
#include "config/settings.hpp"

namespace penstock::config {

/// `[queues.NAME]`: the engine's own queues, and "queues.*" for any other.
[[nodiscard]] std::vector<section_declaration> queue_sections();

/// The settings of one queue. What is wrong in a way that its type does not tell is complained about.
[[nodiscard]] queue_settings make_queue(assembly& from, const std::string& section_path);

} // namespace penstock::config
