#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "actors/attempt_settlement.hpp"
#include "actors/minute_counter.hpp"
#include "actors/minute_history.hpp"
#include "actors/progress_journal.hpp"
#include "actors/waiting_jobs.hpp"
#include "actors/worker_slots.hpp"
#include "core/random.hpp"
#include "messages/actors/queue.hpp"
#include "messages/event.hpp"
#include "messages/job_kind.hpp"

namespace penstock::actors {

/// What a queue causes. The actor sends messages; tests record calls.
class queue_effects {
public:
  virtual ~queue_effects() = default;
  virtual void commit(std::uint64_t token, std::vector<unit_of_work> units, std::vector<slot_claim> claims) = 0;
  /// Hands jobs that are durably claimed to a worker of that style.
  virtual void start(handler_style style, slot_turn turn, shared_jobs jobs) = 0;
  /// The worker has given its answer for this turn.
  virtual void finished(handler_style style, slot_turn turn) = 0;
  /// Asks the worker of a slot to stop.
  virtual void stop(handler_style style, slot_turn turn, stop_reason reason) = 0;
  /// The worker of a slot does not stop: leave it behind and use another from now on.
  virtual void abandon(handler_style style, slot_turn turn) = 0;
  /// Reads ready jobs from the store; `refilled` or `refill_failed` follows.
  virtual void refill(const queue_window::refill_request& request) = 0;
  /// The same of jobs with a group; `lanes_refilled` or `lanes_refill_failed` follows.
  virtual void refill_lanes(const storage::lane_request& request) = 0;
  /// A live-only event, wanted by somebody.
  virtual void publish(event live) = 0;
  virtual void suspect_done(job_id job) = 0;
};

struct queue_rules {
  std::string name;
  std::uint16_t concurrency = 4;
  /// Waiting jobs kept in memory.
  std::size_t window = 20'000;
  std::optional<token_rate> limit{}; ///< how many jobs may start, in all nodes together
  group_limits groups{};
  std::optional<duration> timeout{};           ///< of jobs that name none; absent: their kind's
  std::optional<std::uint16_t> max_attempts{}; ///< of jobs that name none; absent: their kind's
  std::optional<backoff_policy> backoff{};     ///< of jobs that name none; absent: their kind's
  /// Leave slots open for which nothing waits, so that the store gives new jobs to them at once (slot_claim).
  bool leaves_slots_open = false;
  std::uint32_t life = 0; ///< grows with each queue that the process starts
  /// How long a worker that was told to stop may take.
  duration stop_grace = std::chrono::seconds(5);
  bool paused = false;
  bool held = false; ///< suspects take their turns first
  std::string event_source = "penstock";
};

/// The logic of a queue, without mailbox: which job goes to which slot, when an attempt is over, what is committed.
/// A job's claim is durable before its handler starts, and its end is committed together with the claim of the job
/// that follows in its slot. Slots for which nothing waits are left open, and the store claims new jobs for them. Belongs to
/// one thread.
class queue_engine {
public:
  queue_engine(queue_rules rules, const job_kind_catalogue& kinds, const wall_clock& clock, random_source& random,
               queue_effects& effects);

  /// The first one, empty perhaps, says that the store knows of this queue: the waiting jobs are read from then on.
  void jobs_ready(std::vector<ready_job> jobs);
  void refilled(std::vector<ready_job> jobs, bool more, timestamp next_run_at);
  void refill_failed();
  void lanes_refilled(storage::lane_window found);
  void lanes_refill_failed();
  /// The store gave new jobs to a slot that was left open.
  void given(commit_news::gift gift);
  /// Some prefixes of groups are blocked, on all nodes.
  void groups_blocked(const std::vector<commit_news::block>& blocks);
  void committed(commit_answer& answer);
  void work_done(actors::work_done& done);
  void progressed(const progress_report& report);
  /// The provider of a running job wants no more calls for a while.
  void held_off(const hold_off_report& report);
  /// Jobs may wait in the store that nobody told of.
  void look_again();
  /// Time passed: due jobs, deadlines, commits to try again.
  void wake();

  void pause(bool paused);
  /// While held, only suspects run.
  void hold(bool held);
  /// While closed, nothing is started.
  void close(bool closed);
  /// Claims the job that comes first, also while paused, if a slot is free. 0: none could.
  [[nodiscard]] job_id run_one();
  /// As soon as no slot works.
  void run_suspect(ready_job job);
  /// `stored`: the store has cancelled it while it waited; until then one that waits is left alone.
  void cancel(job_id job, std::string reason = "cancelled", bool stored = false);
  void drain();
  void hand_back();
  void want_live_events(bool wanted) { live_wanted_ = wanted; }

  /// Nothing runs, nothing is being committed, and no slot is open.
  [[nodiscard]] bool quiet() const noexcept { return slots_.all_free() && open_commits_.empty(); }
  [[nodiscard]] std::uint64_t handed_back() const noexcept { return handed_back_; }
  /// When `wake` is needed next; no_time: never.
  [[nodiscard]] timestamp next_wake() const noexcept;
  [[nodiscard]] queue_state state(bool with_history = false) const;

private:
  struct open_commit {
    std::uint16_t slot = 0;
    bool ends = false;                  ///< holds the ends of the slot's jobs, one unit each
    bool second = false;                ///< ends again those whose first unit was refused
    std::vector<std::size_t> of;        ///< the job of each unit, as index into the slot's jobs
    std::vector<spend_tokens> spends{}; ///< in one more unit behind those
    bool opens = false;                 ///< leaves its slot open
    bool is_void = false;               ///< it says nothing of a slot: the store had given that away, or it claims none
  };
  struct delayed_commit {
    std::uint64_t token = 0;
    std::vector<unit_of_work> units;
    std::vector<slot_claim> claims;
  };

  void dispatch();
  [[nodiscard]] bool may_claim() const noexcept { return !rules_.paused && !rules_.held && !closed_ && !draining_; }
  [[nodiscard]] std::vector<ready_job> take_batch();
  void claim(std::uint16_t slot, std::vector<ready_job> jobs);
  void start(std::uint16_t slot);
  // Slots that are left open: queue_engine_open.cpp.
  [[nodiscard]] bool may_leave_open(timestamp now);
  void leave_open(std::uint16_t slot);
  void take_back(std::uint16_t slot);
  [[nodiscard]] bool give_up(const open_commit& commit, const commit_answer& answer);
  void tend_open_slots(timestamp now);
  void make_void(std::uint16_t slot);
  void given_to_nobody(std::vector<ready_job> jobs);
  [[nodiscard]] bool take_gift(std::uint16_t slot, const ready_job& job);
  void claim_elsewhere(std::vector<ready_job> jobs, std::unordered_map<job_id, std::string> cancelled, bool by_hand);
  void cancel_ahead(job_id job, std::string reason);
  [[nodiscard]] std::optional<std::string> take_early_cancel(job_id job);
  [[nodiscard]] std::optional<std::string> take_late_cancel(job_id job);
  void cancel_waiting(const ready_job& job, const std::string& reason);
  void claim_suspect();
  void give_up_suspect();
  /// What an attempt's end says beside itself: calls that were made, a provider that wants a pause.
  void add_group_changes(const ready_job& job, unit_of_work& unit);
  void note_ends(const open_commit& commit, const std::vector<unit_result>& results);
  void write_progress_of(job_id job, const progress& value);
  /// Forgets jobs of a claim that are another node's.
  void drop_unclaimed(std::uint16_t slot, const std::vector<job_id>& jobs);
  /// A slot was left open, or taken back, or nothing of its claim was got.
  void claimed_nothing(std::uint16_t slot, const std::vector<job_id>& jobs);
  /// Gives up a claim whose jobs did not start.
  void release(std::uint16_t slot);
  void settle_turn(std::uint16_t slot, std::vector<work_result> results);
  void settled(std::uint16_t slot);
  void keep_unstored(const open_commit& commit, const std::vector<unit_result>& results);
  void settle_refusals(std::uint16_t slot, const open_commit& commit, const std::vector<unit_result>& results);
  void stop_overdue(timestamp now);
  void abandon(std::uint16_t slot, const error& why);
  void send(open_commit commit, std::vector<unit_of_work> units, std::vector<slot_claim> claims);
  void publish_live(const char* type, const ready_job& job, std::string data);
  [[nodiscard]] handler_style style_of(const ready_job& job) const noexcept;
  [[nodiscard]] job_policy policy(const ready_job& job) const;
  [[nodiscard]] slot_claim claim_record(std::uint16_t slot, const std::vector<ready_job>& jobs) const;

  queue_rules rules_;
  const job_kind_catalogue& kinds_;
  const wall_clock& clock_;
  random_source& random_;
  queue_effects& effects_;
  waiting_jobs waiting_;
  worker_slots slots_;
  std::unordered_map<std::uint64_t, open_commit> open_commits_;
  std::multimap<timestamp, delayed_commit> delayed_commits_; ///< the database was busy: tried again
  progress_journal progress_;
  minute_counter ended_;
  minute_history history_;
  const timestamp began_at_;
  timestamp last_ended_at_ = no_time;
  std::vector<slot_turn> stuck_;     ///< turns of busy handlers that were left behind and have not returned
  std::optional<ready_job> suspect_; ///< waits for the slots to be free
  struct early_cancel {
    std::string reason;
    timestamp at = no_time;
  };
  /// The store says that they run, and they are not known here: to be cancelled if the store gave them to an open slot a
  /// moment ago. Of the last seconds.
  std::unordered_map<job_id, early_cancel> cancelled_ahead_;
  struct late_cancel {
    ready_job job;
    std::string reason;
  };
  std::unordered_map<std::uint64_t, late_cancel> being_cancelled_; ///< by the token of the commit that cancels it
  std::uint64_t last_open_;                                        ///< the last number under which a slot was left open
  std::uint64_t last_token_ = 0, ended_total_ = 0, handed_back_ = 0;
  bool known_to_store_ = false, closed_ = false, draining_ = false, live_wanted_ = false;
};

} // namespace penstock::actors
