#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/time.hpp"
#include "storage/node_membership.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// Which nodes share this database, and which of them live. The database's clock decides, so that those of the nodes
/// may differ. All of these throw storage_exception.

/// Takes the place of the node of that name, or a free one, for as long as `db` is connected, and shows a first sign of
/// life. nullopt: a node of that name has it. In a transaction of its own.
[[nodiscard]] std::optional<std::int64_t> join_nodes(session& db, node_membership& node, std::string name,
                                                     duration lease);

/// Takes the session's hold on the place again, after its connection was lost. False: another process has it.
[[nodiscard]] bool hold_place(session& db, std::int64_t node);

/// This node lives for another lease.
void show_life(session& db, std::int64_t node, duration lease);

/// This node ends in order: nobody waits for its lease. Jobs that it leaves behind are others' at once.
void leave_nodes(session& db, std::int64_t node);

struct neighbours {
  std::vector<std::int64_t> silent; ///< their leases are over
  std::int64_t living = 0;
};
[[nodiscard]] neighbours look_at_neighbours(session& db, std::int64_t node);

/// Inside the transaction in flight: takes the place of a silent node, once none of its transactions is under way. False:
/// it lives after all, or somebody was quicker.
[[nodiscard]] bool expel_node(session& db, std::int64_t node);

} // namespace penstock::storage
