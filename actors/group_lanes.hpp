#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "actors/group_gate.hpp"
#include "storage/read_session.hpp"

namespace penstock::actors {

/// The waiting jobs of a queue that belong to groups, in lanes: one for each group key. Among jobs of one priority
/// tenants take turns; within a tenant the earliest runs first. Bounded, and fair in that too: what does not fit stays
/// in the store lane by lane, a lane that runs low is read on by itself, and lanes that are not known yet are looked
/// for. A lane that the gate keeps closed is set aside until its prefix opens. For one thread.
class group_lanes {
public:
  explicit group_lanes(std::size_t capacity) : capacity_(capacity) {}

  /// Nothing is waiting here, or what is blocked is not known yet.
  [[nodiscard]] bool idle() const noexcept { return ready_.empty() || checked_until_ == no_time; }
  [[nodiscard]] std::size_t due_count() const noexcept { return due_count_; }

  /// Takes a job unless it is known already (here, or held by a slot).
  void add(ready_job job, timestamp now);
  /// Moves what has become due among the due ones and opens what was closed until now.
  void advance(timestamp now);

  /// The job that comes first of those that the gate lets through; null: none.
  [[nodiscard]] const ready_job* first(const group_gate& gate, timestamp now);
  /// When the tenant of `first()` had its last turn, in turns.
  [[nodiscard]] std::uint64_t first_turn() const { return std::get<1>(*ready_.begin()); }
  /// Takes what `first` found out; it stays known until `forget`. `turn`: the number of this turn.
  [[nodiscard]] ready_job take(std::uint64_t turn);

  /// Jobs of this prefix may run again.
  void open(const std::string& prefix);
  /// Notes a job as held that did not come through `take`.
  void hold(job_id id);
  void forget(job_id id);
  /// Drops a waiting job. False: it is not here.
  bool drop(job_id id);

  /// When something becomes due or opens; no_time: nothing known.
  [[nodiscard]] timestamp next_wake() const noexcept;

  /// The store may hold jobs that nobody told of, in lanes that are known and in others: all are read from their front.
  void look_again();
  [[nodiscard]] bool wants_refill() const noexcept;
  /// `refill_arrived` or `refill_failed` follows.
  [[nodiscard]] storage::lane_request start_refill(timestamp now);
  void refill_arrived(storage::lane_window found, timestamp now);
  void refill_failed(timestamp now);

private:
  struct lane;
  struct tenant {
    std::uint64_t turn = 0;
    std::set<std::pair<queue_place, lane*>> heads; ///< of lanes with due jobs that are not set aside
    std::size_t lanes = 0;
  };
  struct lane {
    std::string key;
    tenant* of = nullptr;
    bool in_order = false;
    std::map<queue_place, ready_job> due;
    bool hidden = false; ///< the store may hold due jobs of it behind `horizon`
    queue_place horizon{};
    bool set_aside = false;
  };
  /// By priority, the tenant's turn, and its first job.
  using ready_set = std::set<std::tuple<std::uint8_t, std::uint64_t, queue_place, tenant*>>;

  /// Takes a tenant out of the order of turns while `change` runs.
  template <class Change>
  void rearrange(tenant& of, Change change);
  lane& lane_of(const std::string& key, bool in_order);
  void leave_delayed(timestamp run_at);
  void insert_due(ready_job job);
  void remove_due(lane& from, std::map<queue_place, ready_job>::iterator job);
  void set_aside(lane& one, group_gate::closure why);
  void hide_tail(lane& one);
  void retire(lane& one);
  void make_room_for_lane();
  void note_hunger(lane& one);
  [[nodiscard]] std::size_t share() const noexcept;

  const std::size_t capacity_;
  std::unordered_map<std::string, tenant> tenants_;
  std::unordered_map<std::string, lane> lanes_;
  ready_set ready_;
  std::map<std::pair<timestamp, job_id>, ready_job> delayed_;
  std::unordered_map<job_id, std::pair<lane*, queue_place>> known_; ///< null: delayed, or held by a slot
  std::size_t due_count_ = 0;
  std::uint64_t passed_turn_ = 0; ///< the turn that was served last: who comes anew is not before it

  std::unordered_map<std::string, std::vector<std::string>> closed_; ///< lanes set aside, by prefix
  std::multimap<timestamp, std::string> reopens_;

  std::set<std::string> hungry_; ///< hidden lanes that run low
  bool searching_ = true;        ///< lanes may be in the store that are not known
  bool search_again_ = false; ///< from the beginning, when the refill under way has arrived
  std::string searched_to_;
  timestamp checked_until_ = no_time; ///< delayed jobs of the store are accounted for up to here
  timestamp store_next_ = no_time;
  bool check_due_ = false;
  timestamp pause_until_ = no_time;

  bool refilling_ = false;
  storage::lane_request asked_;
  std::unordered_set<std::string> left_; ///< lanes to which jobs were left since the refill began
  std::unordered_set<job_id> ended_since_refill_;
};

} // namespace penstock::actors
