#pragma once

#include <cstdint>

#include "storage/node_membership.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// Keeps a node that lost its place from writing as if it had it. Each transaction begins with one statement that says
/// under which epoch it runs and draws its number: another node cannot take this one's place before it is over, and
/// whether it was stored can be asked afterwards.
class node_fence {
public:
  /// All of it outlives the fence.
  node_fence(session& db, node_membership& node) : db_(db), node_(node) {}

  /// The transaction's first statement. False: the place was lost and is taken anew with this transaction; nothing that
  /// this node claimed before counts any more. Throws storage_exception.
  [[nodiscard]] bool enter();
  /// The transaction is stored.
  void stored() noexcept;

  /// Which of a node's transactions one is: another process that takes the node's place has another epoch.
  struct transaction_number {
    std::int64_t number = 0, epoch = 0;
  };
  [[nodiscard]] transaction_number transaction() const noexcept { return {transaction_, epoch_}; }

  /// Whether that transaction was stored. Waits for it while its connection still holds it (a lock's limit, then it
  /// throws), so that yes is the last word, and so is no under its own epoch. Under another one the numbers are those
  /// of whoever has the place now, and it cannot be known: no. Who asks again because of a wrong no is refused by the
  /// fences of jobs, schedules and cursors, or stores twice what has none; a wrong yes would lose what was never stored.
  /// `db`: a connection that was opened since.
  [[nodiscard]] static bool was_stored(session& db, std::int64_t node, const transaction_number& transaction);

private:
  session& db_;
  node_membership& node_;
  std::int64_t transaction_ = 0, epoch_ = 0;
};

} // namespace penstock::storage
