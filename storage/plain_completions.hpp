#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "storage/session.hpp"
#include "storage/sized_statements.hpp"
#include "storage/storage_exception.hpp"

namespace penstock::storage {

/// A statement for many jobs changed fewer rows than it named, and which ones cannot be told: the transaction must run
/// again, one job a statement.
class ambiguous_batch : public storage_exception {
public:
  ambiguous_batch() : storage_exception({error_code::storage_failed, "jobs ended together cannot be told apart"}) {}
};

/// Completes jobs without a group that nothing hangs on: they leave `waiting_jobs` and get a row in `plain_ends`; their
/// own rows stay as they are. The DELETE is the fence: a job that is tied, ended, cancelled or under another
/// attempt is left alone.
class plain_completions {
public:
  /// What jobs must share to be completed by one statement.
  struct likeness {
    std::int64_t queue = 0, priority = 0, attempts = 0;
    friend bool operator==(const likeness&, const likeness&) = default;
  };
  struct end {
    std::int64_t run_at = 0, id = 0; ///< where it waited; microseconds since the epoch
    std::int64_t started_at = 0, finished_at = 0;
  };

  explicit plain_completions(session& db);
  ~plain_completions();

  /// Completes those of `jobs` that it may; `done` tells which. Throws ambiguous_batch where some of several may not; not
  /// if `one_by_one`. Jobs that were claimed together lie together: what lies between is passed over.
  void complete(const likeness& like, std::span<const end> jobs, std::span<bool> done, bool one_by_one);

private:
  struct removals;
  struct insertion;

  void insert(std::span<const end> jobs);

  session& db_;
  likeness like_;
  std::array<end, sized_statements<insertion>::most> ends_{};
  std::unique_ptr<removals> removals_;
  sized_statements<insertion> insertions_;
};

} // namespace penstock::storage
