#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "storage/plain_completions.hpp"
#include "storage/session.hpp"
#include "storage/sized_statements.hpp"

namespace penstock::storage {

/// Completes jobs with a group on whose end nothing hangs, in their own rows. The UPDATE is the fence: a job that is
/// tied, ended, cancelled or under another attempt is left alone.
class grouped_completions {
public:
  /// What jobs must share to be completed by one statement.
  struct likeness {
    std::int64_t queue = 0, attempts = 0, started_at = 0, finished_at = 0;
    friend bool operator==(const likeness&, const likeness&) = default;
  };

  explicit grouped_completions(session& db);
  ~grouped_completions();

  /// Completes those of `jobs` that it may; `done` tells which. May throw ambiguous_batch unless `one_by_one`.
  void complete(const likeness& like, std::span<const std::int64_t> jobs, std::span<bool> done, bool one_by_one);

private:
  struct update;
  struct find;

  void run(std::unique_ptr<update>& sql, std::span<const std::int64_t> jobs, std::span<bool> done);
  void tell_apart(std::span<const std::int64_t> jobs, std::span<bool> done, std::int64_t changed);

  session& db_;
  likeness like_;
  std::array<std::int64_t, sized_statements<update>::most> ids_{};
  sized_statements<update> sql_;
  std::unique_ptr<find> find_;
};

} // namespace penstock::storage
