#pragma once

#include <cstdint>
#include <vector>

#include "core/manual_clock.hpp"
#include "core/random.hpp"
#include "tests/power_cut/fragile_disk.hpp"
#include "tests/power_cut/opened_store.hpp"
#include "tests/power_cut/promises.hpp"

namespace penstock::power_cut {

/// Drives an open store as an engine does: jobs in ones and in bulk, claims, ends of attempts with effects, rows, events
/// and further jobs, several senders in one commit, several commits in one sync; now and then the log is moved, also while commits go on. Notes what
/// the store was asked for before it is, and what it acknowledged as long as there is power.
class workload {
public:
  /// All outlive the workload. Goes on with the jobs that wait in the store.
  workload(opened_store& store, fragile_disk& disk, promises& made, random_source& random, manual_clock& clock);

  /// Throws std::runtime_error if the store fails although there is power.
  void step();

  /// Waits for the disk, and takes what was committed for acknowledged. Throws as `step`.
  void settle();

private:
  struct known_job {
    job_id id{};
    std::uint16_t attempts = 0;
    timestamp run_at = no_time;
    bool tied = false;
  };
  /// A commit in the making.
  struct group {
    std::vector<storage::write_batch> batches;
    std::vector<std::vector<std::int64_t>> numbers; ///< of the units
    std::vector<job_id> ended, claimed;             ///< jobs
    std::vector<known_job> again;                   ///< jobs that wait once more
  };

  std::uint64_t draw(std::uint64_t bound) { return uniform(random_, bound); }
  void checkpoint();
  void commit_some();
  void add_batch(group& wanted);
  unit_of_work enqueue_some(std::int64_t number, promise& expected);
  unit_of_work end_one(group& wanted, storage::write_batch& batch, std::int64_t number, promise& expected);
  void claim_free_slots(group& wanted, storage::write_batch& batch);
  job_request request_of(std::int64_t number, bool with_payload);
  void check(const storage::group_result& done) const;
  void note(const group& wanted, const storage::group_result& done);

  static constexpr std::size_t slots = 6;

  opened_store& store_;
  fragile_disk& disk_;
  promises& made_;
  random_source& random_;
  manual_clock& clock_;
  std::vector<known_job> waiting_;
  std::vector<std::vector<known_job>> running_; ///< by slot
  std::set<job_id> suspects_;
  std::vector<std::pair<group, storage::group_result>> ahead_; ///< committed, and nobody was told
};

} // namespace penstock::power_cut
