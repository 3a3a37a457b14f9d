#include "actors/supervisor.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <spdlog/spdlog.h>

#include "core/id_text.hpp"

namespace penstock::actors {
namespace {

struct patience_over {};
/// The time of the next look for jobs that nobody told of.
struct look_time {};

} // namespace
} // namespace penstock::actors

PENSTOCK_LOCAL_MESSAGE(penstock::actors::patience_over)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::look_time)

namespace penstock::actors {
namespace {

using private_actor = supervisor_actor::extend<caf::reacts_to<patience_over>, caf::reacts_to<look_time>>;

/// A read of which queues are paused that takes longer than this has failed.
constexpr auto longest_read = std::chrono::seconds(20);
/// How much longer than its patience a drain may take: the commits of what was handed back.
constexpr auto drain_grace = std::chrono::seconds(15);

class supervisor_state {
public:
  static constexpr const char* name = "supervisor";

  ~supervisor_state() {
    if (scheduler_)
      caf::anon_send_exit(scheduler_, caf::exit_reason::user_shutdown);
    for (auto& [name, queue] : queues_)
      caf::anon_send_exit(queue, caf::exit_reason::user_shutdown);
  }

  void init(private_actor::pointer self, supervisor_config config) {
    self_ = self;
    config_ = std::move(config);
    suspects_.assign(config_.recovery.suspects.begin(), config_.recovery.suspects.end());
    paused_ = config_.paused;
    maintained_ = config_.maintained;
    for (const auto& pillar : config_.pillars)
      self_->monitor(pillar.handle);
    for (const auto& queue : config_.queues)
      queue_for(queue);
    for (const auto& queue : config_.recovery.queues)
      queue_for(queue);
    for (const auto& suspect : suspects_)
      queue_for(suspect.queue);
    if (!suspects_.empty())
      spdlog::warn("{} jobs were running when the last process ended; they run one at a time first", suspects_.size());
    next_suspect();
    start_scheduler();
    await_look();
  }

  void await_look() {
    if (config_.look_pause > duration{0})
      self_->delayed_send(self_, std::chrono::duration_cast<std::chrono::nanoseconds>(config_.look_pause), look_time{});
  }

  /// Hints of other nodes: "!" stands before a queue that was paused or resumed.
  void look_at(const std::vector<std::string>& names) {
    if (stopping_)
      return;
    bool paused = names.empty();
    for (const auto& name : names)
      if (name.starts_with('!'))
        paused = true;
      else
        self_->send(queue_for(name), command_queue{queue_command::look_again});
    if (names.empty()) {
      for (auto& [name, queue] : queues_)
        self_->send(queue, command_queue{queue_command::look_again});
      reload({}); // schedules may have been changed as well
    }
    if (paused)
      read_paused();
  }

  void read_paused() {
    if (!config_.read_paused)
      return;
    // One at a time, so that it is known what an answer cannot tell yet. A read that fails is not answered.
    const auto now = self_->clock().now();
    if (reading_paused_since_ && now - *reading_paused_since_ < longest_read) {
      read_paused_again_ = true;
      return;
    }
    reading_paused_since_ = now;
    read_paused_again_ = false;
    config_.read_paused();
  }

  void take_paused(const paused_queues& told) {
    reading_paused_since_.reset();
    const bool old = std::exchange(paused_may_be_old_, false); // read before what a person said here meanwhile
    if (old || read_paused_again_)
      read_paused();
    if (old)
      return;
    const std::set<std::string> now(told.names.begin(), told.names.end());
    for (const auto& name : now)
      if (!paused_.contains(name))
        obey({name, queue_command::pause});
    maintain(told.maintained); // knowing who stays paused
    for (const auto& name : std::set<std::string>(paused_))
      if (!now.contains(name))
        obey({name, queue_command::resume});
  }

  /// Of a dead node: as at a start, before other work of their queues.
  void add_suspects(std::vector<suspects_found::suspect> found) {
    for (auto& each : found) {
      const bool known =
        std::any_of(suspects_.begin(), suspects_.end(), [&](const auto& other) { return other.id == each.job; });
      if (known || stopping_)
        continue;
      const auto name = each.queue;
      suspects_.push_back({each.job, std::move(each.queue), 0});
      self_->send(queue_for(name), command_queue{queue_command::hold});
    }
    next_suspect();
  }

  queue_actor& queue_for(const std::string& name) {
    const auto found = queues_.find(name);
    if (found != queues_.end())
      return found->second;
    const bool paused = stopping_ || is_paused(name);
    auto queue = config_.start_queue(name, paused, has_suspects(name), suspect_listener_actor{self_});
    self_->monitor(queue);
    self_->send(config_.store, attach_queue{name, queue});
    if (live_wanted_)
      self_->send(queue, live_interest{true});
    if (closed_)
      self_->send(queue, command_queue{queue_command::close});
    return queues_.emplace(name, std::move(queue)).first->second;
  }

  void suspect_done(job_id job) {
    if (!suspect_ || suspect_->id != job)
      return;
    const auto queue = suspect_->queue;
    suspect_.reset();
    std::erase_if(suspects_, [job](const auto& each) { return each.id == job; });
    if (!has_suspects(queue))
      self_->send(queue_for(queue), command_queue{queue_command::release});
    next_suspect();
  }

  void want_live(bool wanted) {
    live_wanted_ = wanted;
    for (auto& [name, queue] : queues_)
      self_->send(queue, live_interest{wanted});
  }

  void command(const command_named_queue& word) {
    paused_may_be_old_ = paused_may_be_old_ || reading_paused_since_.has_value();
    obey(word);
  }

  void obey(const command_named_queue& word) {
    if (word.command == queue_command::pause)
      paused_.insert(word.name);
    else if (word.command == queue_command::resume)
      paused_.erase(word.name);
    if (word.command == queue_command::resume && maintained_)
      return; // it goes on when maintenance is over
    self_->send(queue_for(word.name), command_queue{word.command});
    next_suspect(); // those of a paused queue wait for this
  }

  /// All that runs goes on to its end; nothing else starts.
  void maintain(bool on) {
    if (on == std::exchange(maintained_, on) || stopping_)
      return;
    for (auto& [name, queue] : queues_)
      if (!paused_.contains(name))
        self_->send(queue, command_queue{on ? queue_command::pause : queue_command::resume});
    if (on) {
      stop_scheduler();
    } else {
      start_scheduler();
      next_suspect();
    }
  }

  void hear_of_maintenance(bool on) {
    paused_may_be_old_ = paused_may_be_old_ || reading_paused_since_.has_value();
    maintain(on);
  }

  void set_intake(bool closed) {
    if (closed == std::exchange(closed_, closed) || stopping_)
      return;
    for (auto& [name, queue] : queues_)
      self_->send(queue, command_queue{closed ? queue_command::close : queue_command::open});
    if (closed)
      stop_scheduler();
    else
      start_scheduler();
  }

  void cancel(const cancel_running& word) {
    for (auto& [name, queue] : queues_)
      self_->send(queue, word);
  }

  void reload(const reload_schedules& word) {
    if (scheduler_)
      self_->send(scheduler_, word); // one that starts later reads them anyway
  }

  caf::result<queue_states> states(bool history) {
    auto promise = self_->make_response_promise<queue_states>();
    auto gathered = std::make_shared<queue_states>();
    auto open = std::make_shared<std::size_t>(queues_.size());
    auto one_less = [promise, gathered, open]() mutable {
      if (--*open == 0)
        promise.deliver(*gathered);
    };
    if (queues_.empty())
      promise.deliver(*gathered);
    for (auto& [name, queue] : queues_)
      self_->request(queue, std::chrono::seconds(2), queue_state_request{history})
        .then(
          [gathered, one_less](queue_state& state) mutable {
            gathered->queues.push_back(std::move(state));
            one_less();
          },
          [one_less](const caf::error&) mutable { one_less(); });
    return promise;
  }

  caf::result<one_started> run_one_of(const std::string& name) {
    if (maintained_)
      return one_started{};
    return self_->delegate(queue_for(name), run_one{});
  }

  caf::result<node_work_stopped> stop(duration patience) {
    stopping_ = true;
    stopped_promise_ = self_->make_response_promise<node_work_stopped>();
    if (scheduler_)
      self_->send_exit(scheduler_, caf::exit_reason::user_shutdown);
    scheduler_ = nullptr;
    open_drains_ = store_died_ ? 0 : queues_.size();
    if (open_drains_ == 0)
      stopped_promise_.deliver(node_work_stopped{});
    const auto limit = std::chrono::duration_cast<std::chrono::nanoseconds>(patience + drain_grace);
    for (auto& [name, queue] : queues_)
      self_->request(queue, limit, drain_queue{})
        .then([this](const queue_drained& drained) { one_drained(drained.handed_back); },
              [this, name = name](const caf::error&) {
                spdlog::error("queue {} did not drain in time; its jobs are recovered at the next start", name);
                one_drained(0);
              });
    self_->delayed_send(self_, std::chrono::duration_cast<std::chrono::nanoseconds>(patience), patience_over{});
    return stopped_promise_;
  }

  void hand_back() {
    if (open_drains_ > 0)
      for (auto& [name, queue] : queues_)
        self_->send(queue, actors::hand_back{});
  }

  void down(const caf::down_msg& message) {
    for (const auto& pillar : config_.pillars)
      if (pillar.handle.address() == message.source) {
        end_node(pillar.name + " died: " + self_->system().render(message.reason));
        if (pillar.stores)
          give_up_drains();
        return;
      }
    if (stopping_)
      return;
    if (scheduler_ && scheduler_.address() == message.source) {
      spdlog::critical("the scheduler died and is started again: {}", self_->system().render(message.reason));
      scheduler_ = nullptr;
      if (may_restart("scheduler"))
        start_scheduler();
      return;
    }
    for (auto& [name, queue] : queues_)
      if (queue.address() == message.source) {
        spdlog::critical("queue {} died and is started again: {}", name, self_->system().render(message.reason));
        restart_queue(name);
        return;
      }
  }

private:
  void restart_queue(std::string name) { // a copy: the place that it comes from goes
    queues_.erase(name);
    if (!may_restart("queue " + name))
      return;
    queue_for(name);
    if (suspect_ && suspect_->queue == name)
      suspect_.reset(); // it was to run there: it takes its turn anew
    next_suspect();
  }

  bool has_suspects(const std::string& queue) const {
    return std::any_of(suspects_.begin(), suspects_.end(), [&](const auto& each) { return each.queue == queue; });
  }

  bool may_restart(const std::string& what) {
    const auto now = self_->clock().now();
    auto& times = restarts_[what];
    while (!times.empty() && now - times.front() > std::chrono::minutes(1))
      times.pop_front();
    times.push_back(now);
    if (static_cast<int>(times.size()) <= config_.most_restarts)
      return true;
    end_node(what + " dies again and again");
    return false;
  }

  void end_node(const std::string& reason) {
    if (!std::exchange(ended_, true))
      config_.fatal(reason);
  }

  void start_scheduler() {
    if (closed_ || maintained_ || scheduler_)
      return; // it catches up when the node takes work again
    scheduler_ = config_.start_scheduler();
    self_->monitor(scheduler_);
  }

  void stop_scheduler() {
    if (!scheduler_)
      return;
    self_->send_exit(scheduler_, caf::exit_reason::user_shutdown);
    scheduler_ = nullptr;
  }

  bool is_paused(const std::string& name) const { return maintained_ || paused_.contains(name); }

  void next_suspect() {
    if (suspect_ || stopping_)
      return;
    const auto next =
      std::find_if(suspects_.begin(), suspects_.end(), [this](const auto& each) { return !is_paused(each.queue); });
    if (next == suspects_.end())
      return;
    suspect_ = *next;
    self_->send(queue_for(next->queue), run_suspect{next->id});
  }

  /// Nothing is stored any more: no queue would ever say that it is done.
  void give_up_drains() {
    store_died_ = true;
    if (std::exchange(open_drains_, 0) > 0)
      stopped_promise_.deliver(node_work_stopped{handed_back_});
  }

  void one_drained(std::uint64_t handed_back) {
    handed_back_ += handed_back;
    if (open_drains_ > 0 && --open_drains_ == 0)
      stopped_promise_.deliver(node_work_stopped{handed_back_});
  }

  private_actor::pointer self_ = nullptr;
  supervisor_config config_;
  std::map<std::string, queue_actor> queues_;
  std::set<std::string> paused_; ///< by people
  std::optional<caf::actor_clock::time_point> reading_paused_since_;
  bool paused_may_be_old_ = false, read_paused_again_ = false;
  scheduler_actor scheduler_;
  std::vector<storage::recovery_report::suspect> suspects_;  ///< that have not had their turn
  std::optional<storage::recovery_report::suspect> suspect_; ///< whose turn it is
  std::map<std::string, std::deque<caf::actor_clock::time_point>> restarts_;
  caf::typed_response_promise<node_work_stopped> stopped_promise_;
  std::size_t open_drains_ = 0;
  std::uint64_t handed_back_ = 0;
  bool live_wanted_ = false, closed_ = false, maintained_ = false, stopping_ = false, ended_ = false;
  bool store_died_ = false;
};

private_actor::behavior_type supervisor(private_actor::stateful_pointer<supervisor_state> self,
                                        supervisor_config config) {
  auto& state = self->state;
  state.init(self, std::move(config));
  self->set_down_handler([&state](caf::down_msg& message) { state.down(message); });
  return {
    [&state](const suspect_done& done) { state.suspect_done(done.job); },
    [&state](const queue_needed& needed) { state.queue_for(needed.name); },
    [&state](const live_interest& interest) { state.want_live(interest.wanted); },
    [&state](const command_named_queue& word) { state.command(word); },
    [&state](const maintain_node& word) { state.hear_of_maintenance(word.on); },
    [&state](const cancel_running& word) { state.cancel(word); },
    [&state](const reload_schedules& word) { state.reload(word); },
    [&state](const queue_states_request& wanted) { return state.states(wanted.history); },
    [&state](const run_one_of_queue& wanted) { return state.run_one_of(wanted.name); },
    [&state](const set_intake& word) { state.set_intake(word.closed_because.has_value()); },
    [&state](const stop_work_of_node& stop) { return state.stop(stop.patience); },
    [&state](const patience_over&) { state.hand_back(); },
    [&state](suspects_found& found) { state.add_suspects(std::move(found.suspects)); },
    [&state](const look_at_queues& look) { state.look_at(look.names); },
    [&state](const paused_queues& paused) { state.take_paused(paused); },
    [&state](const look_time&) {
      state.look_at({});
      state.await_look();
    },
  };
}

} // namespace

supervisor_actor spawn_supervisor(caf::actor_system& system, supervisor_config config) {
  return system.spawn(supervisor, std::move(config));
}

} // namespace penstock::actors
