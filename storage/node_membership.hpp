#pragma once

#include <atomic>
#include <cstdint>

namespace penstock::storage {

/// Which of the nodes that share a database this one is. Shared by the writer and whoever renews the lease.
struct node_membership {
  std::atomic<std::int64_t> number{0}; ///< 1 ... 1023; 0: it has no place yet, or shares with nobody
  std::atomic<std::int64_t> epoch{0};
  std::atomic<bool> held{false}; ///< no other process has the place: a lost epoch may be renewed
};

/// A slot of a node in the table `slots`: node 0's are those of a database that is not shared.
inline constexpr std::int64_t slots_a_node = 65'536;

} // namespace penstock::storage
