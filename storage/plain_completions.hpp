#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "storage/session.hpp"
#include "storage/storage_exception.hpp"

namespace penstock::storage {

/// A statement for many jobs changed fewer rows than it named, and which ones cannot be told: the transaction must run
/// again, one job a statement.
class ambiguous_batch : public storage_exception {
public:
  ambiguous_batch() : storage_exception({error_code::storage_failed, "jobs ended together cannot be told apart"}) {}
};

/// Completes jobs that nothing hangs on. The UPDATE is the fence: a job that is tied, ended, cancelled or under another
/// attempt is left alone.
class plain_completions {
public:
  /// What jobs must share to be completed by one statement.
  struct likeness {
    std::int64_t queue = 0, attempts = 0, started_at = 0, finished_at = 0;
    friend bool operator==(const likeness&, const likeness&) = default;
  };

  explicit plain_completions(session& db);
  ~plain_completions();

  /// Completes those of `jobs` that it may; `done` tells which. May throw ambiguous_batch unless `one_by_one`.
  void complete(const likeness& like, std::span<const std::int64_t> jobs, std::span<bool> done, bool one_by_one);

private:
  struct update;
  struct find;
  static constexpr std::size_t most = 64, some = 8;

  void run(std::unique_ptr<update>& sql, std::span<const std::int64_t> jobs, std::span<bool> done);
  void tell_apart(std::span<const std::int64_t> jobs, std::span<bool> done, std::int64_t changed);

  session& db_;
  likeness like_;
  std::array<std::int64_t, most> ids_{};
  std::unique_ptr<update> most_, some_, one_;
  std::unique_ptr<find> find_;
};

} // namespace penstock::storage
