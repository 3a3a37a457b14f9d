#pragma once

#include <filesystem>

namespace penstock::bench {

/// Where the handlers of a node count, for its client to see.
[[nodiscard]] inline std::filesystem::path counter_file(const std::filesystem::path& data) {
  return data / "bench.counter";
}

} // namespace penstock::bench
