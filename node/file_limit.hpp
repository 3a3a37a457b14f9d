#pragma once

#include <cstddef>

namespace penstock::node {

/// Lets the process open as many files and sockets as the system allows it, at most 65,536; how many that are.
std::size_t raise_file_limit() noexcept;

/// How many of them connections to the HTTP server may be: the database, providers and the log need theirs.
[[nodiscard]] constexpr std::size_t connections_within(std::size_t files) noexcept {
  constexpr std::size_t wanted = 1024, others = 256;
  return files >= wanted + others ? wanted : files > 2 * others ? files - others : files / 2;
}

} // namespace penstock::node
