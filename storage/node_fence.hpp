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
  [[nodiscard]] std::int64_t transaction() const noexcept { return transaction_; }

  /// Whether that transaction was stored. Waits for it while its connection still holds it (a lock's limit, then it
  /// throws), so that its answer is the last word. `db`: a connection that was opened since.
  [[nodiscard]] static bool was_stored(session& db, std::int64_t node, std::int64_t transaction);

private:
  session& db_;
  node_membership& node_;
  std::int64_t transaction_ = 0, epoch_ = 0;
};

} // namespace penstock::storage
