#pragma once

#include <filesystem>

#include "core/manual_clock.hpp"
#include "tests/power_cut/promises.hpp"

namespace penstock::power_cut {

/// Opens what a cut left in `folder` with the real store, on a copy, and looks for what was promised. What is there of
/// units that were never acknowledged is noted in `made`: from now on it must stay.
[[nodiscard]] finding inspect(const std::filesystem::path& folder, promises& made, const manual_clock& clock);

} // namespace penstock::power_cut
