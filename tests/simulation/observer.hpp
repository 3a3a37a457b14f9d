#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "core/schedule_rule.hpp"
#include "storage/read_session.hpp"
#include "tests/simulation/change_feed.hpp"
#include "tests/simulation/ledger.hpp"

namespace penstock::simulation {

/// Looks at the database after each operation and says what must never be. For one thread, between transactions.
class observer {
public:
  observer(const ledger& outside, const change_feed& feed) : outside_(outside), feed_(feed) {}

  /// Everything that holds at each moment. What ended is looked at again only now and then: that it stays as it is
  /// shows a few operations late, but it shows.
  void look(storage::read_session& db);
  /// Everything that holds once nothing is left to do, nothing disturbs, and each integration has synced since.
  void look_at_rest(storage::read_session& db);

  void watch_schedule(const std::string& name, schedule_rule rule);
  void complain(std::string what);

  [[nodiscard]] const std::vector<std::string>& violations() const noexcept { return violations_; }
  /// Of all job states seen: equal histories have equal digests.
  [[nodiscard]] std::uint64_t digest() const noexcept { return digest_; }
  /// Ids of jobs that were seen in that state last.
  [[nodiscard]] std::vector<std::int64_t> jobs_in(job_state state) const;

private:
  struct seen_job {
    std::string kind, queue;
    job_state state = job_state::waiting;
    std::int64_t attempts = 0;
    std::int64_t failures_told = 0; ///< job.failed events
  };
  struct seen_run {
    std::int64_t feed_before = 0; ///< changes that the feed held before the run was there
    bool checked = false;
  };
  struct seen_schedule {
    schedule_rule rule;
    std::int64_t last_fired = 0, jobs = 0;
  };
  using rows = std::vector<std::vector<column_value>>;

  rows select(storage::read_session& db, const std::string& sql);
  void look(storage::read_session& db, bool thoroughly);
  void read_jobs(storage::read_session& db, bool all);
  bool slipped_by(storage::read_session& db);
  void look_at_told_jobs();
  std::vector<std::int64_t> stirred_jobs(storage::read_session& db);
  void look_at_row(const std::vector<column_value>& row);
  void look_at_job(std::int64_t id, const seen_job& now, const seen_job* before);
  void look_at_effects(storage::read_session& db, bool all);
  void look_at_keys(storage::read_session& db);
  void look_at_told_keys();
  void look_at_trees(bool all);
  void look_at_tree(std::int64_t id);
  void look_at_slots(storage::read_session& db);
  void look_at_counts(storage::read_session& db);
  /// Tells of each count that differs from the jobs that were seen.
  bool count_differs(storage::read_session& db, const std::function<void(std::string)>& tell);
  void look_at_events(storage::read_session& db);
  void look_at_streams(storage::read_session& db, bool all);
  void look_at_runs(storage::read_session& db);
  void look_at_schedules(storage::read_session& db);
  void compare_items(storage::read_session& db, std::int64_t integration, std::int64_t upto);

  const ledger& outside_;
  const change_feed& feed_;
  std::map<std::int64_t, seen_job> jobs_;
  std::set<std::int64_t> open_;    ///< jobs that have not ended
  std::set<std::int64_t> changed_; ///< jobs that are new or in another state than at the last look
  std::map<std::string, std::map<job_state, std::int64_t>> counted_;
  std::map<std::int64_t, std::vector<std::int64_t>> children_;
  std::map<std::string, std::int64_t> made_by_;  ///< jobs by what triggered them
  std::map<std::int64_t, std::int64_t> effects_; ///< by job
  std::int64_t effect_seen_ = 0;
  std::map<std::int64_t, std::string> cursors_;
  std::map<std::int64_t, seen_run> runs_;
  std::map<std::string, seen_schedule> schedules_;
  std::int64_t feed_seen_ = 0;      ///< length of the feed at the last look
  std::int64_t event_position_ = 0; ///< of the last stored event seen
  std::vector<std::string> violations_;
  int looks_ = 0;
  std::uint64_t digest_ = 14695981039346656037ULL;
};

} // namespace penstock::simulation
