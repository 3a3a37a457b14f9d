#include "actors/queue.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <spdlog/spdlog.h>

#include "actors/store_reader.hpp"
#include "core/id_text.hpp"

namespace penstock::actors {
namespace {

/// The queue's alarm clock. `at` tells a timer that was overtaken by an earlier one from the present one.
struct wake_queue {
  timestamp at = no_time;
};

} // namespace
} // namespace penstock::actors

PENSTOCK_LOCAL_MESSAGE(penstock::actors::wake_queue)

namespace penstock::actors {
namespace {

using private_actor = queue_actor::extend<caf::reacts_to<wake_queue>>;

class queue_state_data : public queue_effects {
public:
  static constexpr const char* name = "queue";

  ~queue_state_data() override {
    for (const auto& processor : processors_)
      if (processor)
        caf::anon_send_exit(processor, caf::exit_reason::user_shutdown);
    for (const auto& [slot, fetcher] : fetchers_)
      caf::anon_send_exit(fetcher, caf::exit_reason::user_shutdown);
  }

  void init(private_actor::pointer self, queue_config config) {
    self_ = self;
    config_ = std::move(config);
    engine_.emplace(config_.rules, *config_.kinds, *config_.clock, *config_.random, *this);
    processors_.resize(config_.rules.concurrency);
  }

  queue_engine& engine() { return *engine_; }
  const queue_config& config() const { return config_; }

  /// After each message: sets the alarm for what comes next, and answers who waits for the drain.
  void after_message() {
    arm();
    if (drain_promise_.pending() && engine_->quiet())
      drain_promise_.deliver(queue_drained{engine_->handed_back()});
  }

  caf::result<queue_drained> drain() {
    engine_->drain();
    drain_promise_ = self_->make_response_promise<queue_drained>();
    return drain_promise_;
  }

  void woken(timestamp at) {
    if (at == armed_for_)
      armed_for_ = no_time;
    engine_->wake();
  }

  void commit(std::uint64_t token, std::vector<unit_of_work> units, std::vector<slot_claim> claims) override {
    self_->send(config_.store, commit_request{token, std::move(units), std::move(claims), commit_client_actor{self_}});
  }

  void start(handler_style style, slot_turn turn, shared_jobs jobs) override {
    worker_actor& worker = worker_for(style, turn.slot);
    self_->send(worker, work_order{turn, std::move(jobs), work_giver_actor{self_}});
  }

  void finished(handler_style style, slot_turn turn) override {
    if (style == handler_style::fetch)
      end_fetcher(turn.slot);
  }

  void stop(handler_style style, slot_turn turn, stop_reason reason) override {
    self_->send(worker_for_running(style, turn.slot), stop_work{turn, reason});
  }

  void abandon(handler_style style, slot_turn turn) override {
    if (style == handler_style::process) {
      // It ends by itself once its handler returns; the slot gets another thread now.
      self_->send_exit(processors_.at(turn.slot), caf::exit_reason::user_shutdown);
      processors_.at(turn.slot) = nullptr;
      spdlog::error("queue {} left a busy handler behind: its slot goes on with another thread", config_.rules.name);
    }
    if (style == handler_style::fetch)
      end_fetcher(turn.slot);
  }

  void refill(const queue_window::refill_request& request) override {
    read_ahead(
      self_, config_.reader,
      [queue = config_.rules.name, request](storage::read_session& db) {
        return db.jobs().ready(queue, request.now, static_cast<std::int64_t>(request.limit), request.after);
      },
      [this](result<storage::ready_window> window) {
        if (window) {
          engine_->refilled(std::move(window->jobs), window->more, window->next_run_at);
        } else {
          spdlog::warn("queue {} could not read its waiting jobs: {}", config_.rules.name, window.error().message);
          engine_->refill_failed();
        }
        after_message();
      });
  }

  void refill_lanes(const storage::lane_request& request) override {
    read_ahead(
      self_, config_.reader,
      [queue = config_.rules.name, request](storage::read_session& db) { return db.jobs().lanes(queue, request); },
      [this](result<storage::lane_window> window) {
        if (window) {
          engine_->lanes_refilled(std::move(*window));
        } else {
          spdlog::warn("queue {} could not read its waiting groups: {}", config_.rules.name, window.error().message);
          engine_->lanes_refill_failed();
        }
        after_message();
      });
  }

  void publish(event live) override {
    std::vector<event> events;
    events.push_back(std::move(live));
    self_->send(config_.bus, publish_events{std::move(events)});
  }

  void suspect_done(job_id job) override {
    if (config_.recovery)
      self_->send(config_.recovery, actors::suspect_done{job});
  }

  void run_suspect(job_id id) {
    read_ahead(
      self_, config_.reader, [id](storage::read_session& db) { return db.jobs().find_waiting(id); },
      [this, id](result<std::optional<ready_job>> found) {
        if (found && *found) {
          engine_->run_suspect(std::move(**found));
        } else {
          if (found) {
            unit_of_work over; // it ended or was cancelled before its turn came
            over.changes.push_back(clear_suspect{id});
            std::vector<unit_of_work> units;
            units.push_back(std::move(over));
            self_->send(config_.store, commit_request{0, std::move(units), {}, commit_client_actor{}});
          } else {
            spdlog::error("queue {} could not read suspect job {}: {}", config_.rules.name, to_string(id),
                          found.error().message);
          }
          suspect_done(id);
        }
        after_message();
      });
  }

private:
  worker_actor& worker_for(handler_style style, std::uint16_t slot) {
    if (style == handler_style::process) {
      auto& kept = processors_.at(slot);
      if (!kept)
        kept = config_.make_worker(style);
      return kept;
    }
    if (style == handler_style::engine)
      return engine_worker_ ? engine_worker_ : engine_worker_ = config_.make_worker(style);
    return fetchers_[slot] = config_.make_worker(style);
  }

  worker_actor& worker_for_running(handler_style style, std::uint16_t slot) {
    switch (style) {
      case handler_style::process: return processors_.at(slot);
      case handler_style::engine: return engine_worker_;
      case handler_style::fetch: break;
    }
    return fetchers_.at(slot);
  }

  /// A fetcher lives for one job. (An answered request of its own would keep it alive until its timeout.)
  void end_fetcher(std::uint16_t slot) {
    if (const auto found = fetchers_.find(slot); found != fetchers_.end()) {
      self_->send_exit(found->second, caf::exit_reason::user_shutdown);
      fetchers_.erase(found);
    }
  }

  void arm() {
    const auto next = engine_->next_wake();
    if (next == no_time || (armed_for_ != no_time && armed_for_ <= next))
      return;
    armed_for_ = next;
    // The wall clock may step; waking at least once a minute keeps an error of it short.
    const auto wait = std::clamp<duration>(next - config_.clock->now(), duration{0}, std::chrono::minutes(1));
    self_->delayed_send(self_, std::chrono::duration_cast<std::chrono::nanoseconds>(wait), wake_queue{next});
  }

  private_actor::pointer self_ = nullptr;
  queue_config config_;
  std::optional<queue_engine> engine_;
  std::vector<worker_actor> processors_;                     ///< by slot, made at first use
  std::unordered_map<std::uint16_t, worker_actor> fetchers_; ///< by slot, one for each running fetch job
  worker_actor engine_worker_;
  caf::typed_response_promise<queue_drained> drain_promise_;
  timestamp armed_for_ = no_time;
};

private_actor::behavior_type queue(private_actor::stateful_pointer<queue_state_data> self, queue_config config) {
  self->state.init(self, std::move(config));
  auto& state = self->state;
  return {
    [&state](jobs_ready& message) {
      state.engine().jobs_ready(std::move(message.jobs));
      state.after_message();
    },
    [&state](jobs_given& message) {
      state.engine().given(std::move(message.gift));
      state.after_message();
    },
    [&state](commit_answer& answer) {
      state.engine().committed(answer);
      state.after_message();
    },
    [&state](work_done& done) {
      state.engine().work_done(done);
      state.after_message();
    },
    [&state](const progress_report& report) {
      state.engine().progressed(report);
      state.after_message();
    },
    [&state](const hold_off_report& report) {
      state.engine().held_off(report);
      state.after_message();
    },
    [&state](const groups_blocked& news) {
      state.engine().groups_blocked(news.blocks);
      state.after_message();
    },
    [&state](const command_queue& command) {
      switch (command.command) {
        case queue_command::pause: state.engine().pause(true); break;
        case queue_command::resume: state.engine().pause(false); break;
        case queue_command::look_again: state.engine().look_again(); break;
        case queue_command::hold: state.engine().hold(true); break;
        case queue_command::release: state.engine().hold(false); break;
        case queue_command::close: state.engine().close(true); break;
        case queue_command::open: state.engine().close(false); break;
      }
      state.after_message();
    },
    [&state](const run_suspect& suspect) { state.run_suspect(suspect.job); },
    [&state](const run_one&) {
      const auto started = state.engine().run_one();
      state.after_message();
      return one_started{started};
    },
    [&state](const cancel_running& message) {
      state.engine().cancel(message.job, message.reason, message.stored);
      state.after_message();
    },
    [&state](const drain_queue&) -> caf::result<queue_drained> {
      auto answer = state.drain();
      state.after_message();
      return answer;
    },
    [&state](const hand_back&) {
      state.engine().hand_back();
      state.after_message();
    },
    [&state](const live_interest& interest) { state.engine().want_live_events(interest.wanted); },
    [&state](const queue_state_request& wanted) { return state.engine().state(wanted.history); },
    [&state](const wake_queue& wake) {
      state.woken(wake.at);
      state.after_message();
    },
  };
}

} // namespace

queue_actor spawn_queue(caf::actor_system& system, queue_config config) {
  return system.spawn(queue, std::move(config));
}

} // namespace penstock::actors
