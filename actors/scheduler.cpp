#include "actors/scheduler.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <spdlog/spdlog.h>

#include "actors/firing_plan.hpp"
#include "actors/store_reader.hpp"
#include "core/rfc3339.hpp"

namespace penstock::actors {
namespace {

struct wake_scheduler {
  timestamp at = no_time;
};

} // namespace
} // namespace penstock::actors

PENSTOCK_LOCAL_MESSAGE(penstock::actors::wake_scheduler)

namespace penstock::actors {
namespace {

using private_actor = scheduler_actor::extend<caf::reacts_to<wake_scheduler>>;

/// Pause before a firing that the store did not take is tried again, and before schedules are read again after trouble.
constexpr duration trouble_pause = std::chrono::seconds(1);
/// A firing that somebody else has made is read again at once. Should it still look due, it is tried again after this.
constexpr duration lost_race_pause = std::chrono::seconds(1);
/// A firing that the store refused will hardly be taken a moment later: somebody has to change the schedule.
constexpr duration refusal_pause = std::chrono::minutes(1);
/// The wall clock may be stepped: it is looked at this often at least.
constexpr duration longest_sleep = std::chrono::seconds(30);

class scheduler_state {
public:
  static constexpr const char* name = "scheduler";

  void init(private_actor::pointer self, scheduler_config config) {
    self_ = self;
    config_ = std::move(config);
    plan_ = firing_plan(config_.random);
  }

  void reload() {
    read(
      self_, config_.reader, [](storage::read_session& db) { return db.schedules().all(); },
      [this](result<std::vector<schedule>> all) {
        if (!all) {
          spdlog::warn("scheduler could not read the schedules: {}", all.error().message);
          self_->delayed_send(self_, std::chrono::duration_cast<std::chrono::nanoseconds>(trouble_pause),
                              reload_schedules{});
          return;
        }
        for (const auto& problem : plan_.load(std::move(*all), config_.clock->now()))
          spdlog::error("scheduler leaves out {}", problem.message);
        fire_due();
      });
  }

  void woken(timestamp at) {
    if (at == armed_for_)
      armed_for_ = no_time;
    fire_due();
  }

  void committed(commit_answer& answer) {
    const auto found = open_.find(answer.token);
    if (found == open_.end())
      return;
    const auto name = std::move(found->second);
    open_.erase(found);
    const auto now = config_.clock->now();
    if (answer.failed) {
      plan_.refused(name, now + trouble_pause);
    } else if (const auto& refused = answer.units.front().refused) {
      // Another node fired it (of nodes that share a database all but one meet this each time), or somebody changed it:
      // what the table says now counts.
      const bool lost_race = refused->code == error_code::conflict;
      spdlog::log(lost_race ? spdlog::level::debug : spdlog::level::warn, "scheduler did not fire {}: {}", name,
                  refused->message);
      plan_.refused(name, now + (lost_race ? lost_race_pause : refusal_pause));
      reload();
      return;
    } else {
      for (const auto& done : answer.units.front().firings) {
        tell(done);
        plan_.settled(done, now);
      }
    }
    fire_due();
  }

private:
  void tell(const schedule_firing& done) {
    const auto at = format_rfc3339(done.at);
    switch (done.outcome) {
      case firing_outcome::skipped:
        spdlog::info("schedule {} skipped its firing of {}: {}", done.name, at, done.note);
        break;
      case firing_outcome::missed:
        spdlog::warn("schedule {} missed its firing of {}: {}", done.name, at, done.note);
        break;
      default: spdlog::debug("schedule {} fired {}: {} job(s)", done.name, at, done.jobs.size());
    }
    if (!config_.stop_job)
      return;
    const auto reason = "schedule '" + done.name + "' fired again";
    for (const auto job : done.to_stop)
      config_.stop_job(job, reason, false);
    for (const auto job : done.cancelled)
      config_.stop_job(job, reason, true);
  }

  void fire_due() {
    for (auto& due : plan_.take_due(config_.clock->now())) {
      const auto token = ++last_token_;
      open_.emplace(token, std::move(due.name));
      std::vector<unit_of_work> units;
      units.push_back(std::move(due.unit));
      self_->send(config_.store, commit_request{token, std::move(units), {}, commit_client_actor{self_}});
    }
    arm();
  }

  void arm() {
    const auto next = plan_.next();
    if (next == no_time)
      return;
    const auto now = config_.clock->now();
    const auto at = std::min(next, now + longest_sleep);
    if (armed_for_ != no_time && armed_for_ <= at)
      return;
    armed_for_ = at;
    const auto wait = std::max<duration>(at - now, duration{0});
    self_->delayed_send(self_, std::chrono::duration_cast<std::chrono::nanoseconds>(wait), wake_scheduler{at});
  }

  private_actor::pointer self_ = nullptr;
  scheduler_config config_;
  firing_plan plan_;
  std::unordered_map<std::uint64_t, std::string> open_; ///< names by token
  std::uint64_t last_token_ = 0;
  timestamp armed_for_ = no_time;
};

private_actor::behavior_type scheduler(private_actor::stateful_pointer<scheduler_state> self, scheduler_config config) {
  auto& state = self->state;
  state.init(self, std::move(config));
  state.reload();
  return {
    [&state](commit_answer& answer) { state.committed(answer); },
    [&state](const reload_schedules&) { state.reload(); },
    [&state](const wake_scheduler& wake) { state.woken(wake.at); },
  };
}

} // namespace

scheduler_actor spawn_scheduler(caf::actor_system& system, scheduler_config config) {
  return system.spawn(scheduler, std::move(config));
}

} // namespace penstock::actors
