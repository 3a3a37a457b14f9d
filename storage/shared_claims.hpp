#pragma once

#include <cstdint>
#include <unordered_set>
#include <vector>

#include "core/time.hpp"
#include "messages/unit_of_work.hpp"
#include "storage/session.hpp"
#include "storage/slot_table.hpp"

namespace penstock::storage {

/// Claims where other nodes claim from the same queues. Who claims from a queue holds its lock until the commit, and sees
/// what all others have claimed: two nodes never get one job.
class shared_claims {
public:
  struct wish {
    std::int64_t queue = 0;
    slot_claim claim;
    std::vector<job_id>* lost = nullptr; ///< gets the jobs that are left out of `claim`
  };

  explicit shared_claims(session& db) : db_(db) {}

  /// Inside the transaction, behind its other work: leaves out of the claims the jobs that do not wait any more, that
  /// another node holds or ran, or that are some node's suspects.
  void grant(std::vector<wish>& wishes, const slot_table& slots, timestamp now);

private:
  [[nodiscard]] std::unordered_set<job_id> claimable(std::int64_t queue, const std::vector<wish>& wishes, bool alone,
                                                     const slot_table& slots, timestamp now);

  session& db_;
};

} // namespace penstock::storage
