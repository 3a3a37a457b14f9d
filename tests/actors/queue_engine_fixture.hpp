#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "actors/queue_engine.hpp"
#include "core/manual_clock.hpp"
#include "core/random.hpp"

namespace penstock::actors {

/// Records what a queue causes, and answers commits when the test says so.
class recorded_effects : public queue_effects {
public:
  struct commit_call {
    std::uint64_t token = 0;
    std::vector<unit_of_work> units;
    std::vector<slot_claim> claims;
  };
  struct start_call {
    handler_style style{};
    slot_turn turn;
    std::vector<ready_job> jobs;
  };
  struct stop_call {
    slot_turn turn;
    stop_reason reason{};
  };

  void commit(std::uint64_t token, std::vector<unit_of_work> units, std::vector<slot_claim> claims) override {
    commits.push_back({token, std::move(units), std::move(claims)});
  }
  void start(handler_style style, slot_turn turn, shared_jobs jobs) override {
    starts.push_back({style, turn, {jobs.begin(), jobs.end()}});
  }
  void finished(handler_style, slot_turn turn) override { finished_turns.push_back(turn); }
  void stop(handler_style, slot_turn turn, stop_reason reason) override { stops.push_back({turn, reason}); }
  void abandon(handler_style, slot_turn turn) override { abandoned.push_back(turn); }
  void refill(const queue_window::refill_request& request) override { refills.push_back(request.limit); }
  void refill_lanes(const storage::lane_request& request) override { lane_refills.push_back(request); }
  void publish(event live) override { published.push_back(std::move(live)); }
  void suspect_done(job_id job) override { suspects_done.push_back(job); }

  std::vector<commit_call> commits;
  std::vector<start_call> starts;
  std::vector<stop_call> stops;
  std::vector<slot_turn> abandoned, finished_turns;
  std::vector<std::size_t> refills;
  std::vector<storage::lane_request> lane_refills;
  std::vector<event> published;
  std::vector<job_id> suspects_done;
};

class queue_engine_test : public ::testing::Test {
protected:
  queue_engine_test() {
    job_kind brief;
    brief.name = "brief";
    brief.brief = true;
    kinds.add(brief);
    job_kind slow = job_kind::process("slow");
    slow.timeout = std::chrono::seconds(10);
    kinds.add(slow);
    job_kind fetch = job_kind::fetch("fetch");
    fetch.timeout = std::chrono::seconds(10);
    kinds.add(fetch);
  }

  queue_engine& make(std::uint16_t concurrency = 2, std::size_t window = 100) {
    queue_rules rules;
    rules.name = "default";
    rules.concurrency = concurrency;
    rules.window = window;
    rules.leaves_slots_open = leaves_slots_open;
    aut.emplace(rules, kinds, clock, random, effects);
    aut->jobs_ready({}); // asks the store for what waited before
    aut->refilled({}, false, no_time);
    storage::lane_window none;
    none.searched_all = true;
    aut->lanes_refilled(std::move(none));
    return *aut;
  }

  ready_job job(std::int64_t id, const std::string& kind = "slow", std::uint8_t priority = 5) {
    ready_job made;
    made.id = job_id{id};
    made.queue = "default";
    made.kind = kind;
    made.priority = priority;
    made.run_at = clock.now();
    return made;
  }

  /// The store says that the next unanswered commit is durable.
  void acknowledge() {
    ASSERT_LT(answered, effects.commits.size()) << "nothing waits for an answer";
    const auto& call = effects.commits[answered++];
    commit_answer answer;
    answer.token = call.token;
    answer.units.resize(call.units.size());
    aut->committed(answer);
  }
  void refuse(error why) {
    const auto& call = effects.commits.at(answered++);
    commit_answer answer;
    answer.token = call.token;
    answer.units.resize(call.units.size());
    for (auto& unit : answer.units)
      unit.refused = why;
    aut->committed(answer);
  }
  void finish(std::size_t start, std::optional<error> failed = std::nullopt) {
    const auto& call = effects.starts.at(start);
    actors::work_done done{call.turn, {}};
    done.results.resize(call.jobs.size());
    for (auto& each : done.results)
      each.failed = failed;
    aut->work_done(done);
  }
  const attempt_end& end_of(std::size_t commit, std::size_t unit = 0) {
    return *effects.commits.at(commit).units.at(unit).ends;
  }

  manual_clock clock{timestamp(std::chrono::hours(1'000'000 / 2))};
  seeded_random random{7};
  job_kind_catalogue kinds;
  recorded_effects effects;
  std::optional<queue_engine> aut;
  std::size_t answered = 0;
  bool leaves_slots_open = false; ///< of the queues that `make` makes
};

} // namespace penstock::actors
