#include "actors/store_writer.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <spdlog/spdlog.h>

#include "actors/commit_teller.hpp"

namespace penstock::actors {
namespace {

/// Stands behind all that waited in the mailbox when the first request of a group came: what is before it is
/// committed together.
struct flush_requests {};

} // namespace
} // namespace penstock::actors

PENSTOCK_LOCAL_MESSAGE(penstock::actors::flush_requests)

namespace penstock::actors {
namespace {

using private_actor = store_writer_actor::extend<caf::reacts_to<flush_requests>>;

std::size_t weight_of(const commit_request& request) noexcept {
  std::size_t bytes = 0;
  for (const auto& unit : request.units)
    bytes += unit.weight();
  return bytes;
}

struct large_request {
  commit_request request;
  std::size_t weight = 0;
};

constexpr auto trouble_pause = std::chrono::seconds(30);
/// So long without a failure, and the trouble is over.
constexpr auto calm = std::chrono::seconds(5);

struct store_writer_state {
  static constexpr const char* name = "store_writer";
  store_writer_config config;
  std::optional<commit_teller> teller;
  std::vector<commit_request> small;
  std::vector<large_request> large;
  std::vector<std::shared_ptr<submitted_units>> submitted; ///< those who told of units that are not taken yet
  bool flush_pending = false;
  bool in_trouble = false; ///< until a trial goes well: a small commit may pass where others fail
  std::optional<std::chrono::steady_clock::time_point> told_at; ///< of trouble that is not over
  std::chrono::steady_clock::time_point failed_at;

  /// Says when the database stops taking writes, again every half minute, and when it takes them again: not with each
  /// small write that still finds room beside large ones that do not.
  void watch(const std::optional<error>& failed) {
    const auto now = std::chrono::steady_clock::now();
    if (failed) {
      in_trouble = true;
      failed_at = now;
      if (!told_at || now - *told_at >= trouble_pause) {
        told_at = now;
        spdlog::error("the database does not take writes, they are tried again: {}", failed->message);
      }
    } else if (told_at && now - failed_at >= calm) {
      told_at.reset();
      spdlog::info("the database takes writes again");
    }
  }

  void watch(const std::vector<storage::write_batch_result>& batches) {
    const auto failed = std::find_if(batches.begin(), batches.end(), [](const auto& each) { return each.failed; });
    watch(failed == batches.end() ? std::nullopt : failed->failed);
  }

  /// Where nobody commits any more because nothing is taken, nothing else would find out that it is again.
  writes_state takes_writes() {
    if (!in_trouble)
      return {};
    writes_state state;
    if (auto tried = config.session->try_write(); !tried)
      state.refused = std::move(tried).error();
    else if (config.listeners.missed)
      config.listeners.missed(); // the connection may be a new one
    watch(state.refused);
    in_trouble = state.refused.has_value();
    return state;
  }

  /// At the last moment before they are committed: what was submitted meanwhile comes along.
  void take_submitted() {
    for (auto& from : std::exchange(submitted, {})) {
      auto taken = from->take(config.large_bytes_per_commit);
      if (!taken.small.units.empty())
        small.push_back(std::move(taken.small));
      for (auto& request : taken.large) {
        const auto weight = weight_of(request);
        large.push_back({std::move(request), weight});
      }
      if (!taken.is_all)
        submitted.push_back(std::move(from));
    }
  }

  [[nodiscard]] bool is_idle() const noexcept { return small.empty() && large.empty() && submitted.empty(); }

  std::vector<commit_request> next_group() {
    take_submitted();
    std::vector<commit_request> group = std::exchange(small, {});
    auto last = large.begin();
    for (std::size_t bytes = 0; last != large.end(); ++last) {
      bytes += last->weight;
      if (last != large.begin() && bytes > config.large_bytes_per_commit)
        break;
    }
    std::transform(large.begin(), last, std::back_inserter(group),
                   [](large_request& waiting) { return std::move(waiting.request); });
    large.erase(large.begin(), last);
    return group;
  }

  void take_over(std::int64_t node) {
    auto report = config.session->take_over(node);
    if (!report) {
      spdlog::warn("node {} is silent, and its place cannot be taken yet: {}", node, report.error().message);
      return;
    }
    if (!report->taken_over)
      return;
    if (!report->suspects.empty() && config.listeners.suspects) {
      spdlog::warn("node {} is dead: {} jobs that it or this one ran last are run one at a time first", node,
                   report->suspects.size());
      config.listeners.suspects(report->suspects);
    }
    teller->tell_queues(std::move(report->news.ready));
    if (!report->news.events.empty())
      config.listeners.events(std::move(report->news.events));
    if (config.listeners.missed)
      config.listeners.missed(); // what only the dead node had in mind
  }

  static std::vector<stored_group::told_answer> answers_of(std::vector<commit_request>& group,
                                                           std::vector<storage::write_batch>& batches,
                                                           storage::group_result& done) {
    std::vector<stored_group::told_answer> answers;
    answers.reserve(group.size());
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (!group[i].reply_to && !group[i].answer)
        continue;
      auto& outcome = done.batches[i];
      commit_answer answer{group[i].token,
                           std::move(outcome.units),
                           std::move(outcome.failed),
                           std::move(outcome.claims_failed),
                           {},
                           {},
                           std::move(outcome.not_claimed)};
      if (answer.failed) {
        answer.returned = std::move(batches[i].units);
        answer.returned_claims = std::move(batches[i].claims);
      }
      answers.push_back({std::move(group[i].reply_to), std::move(group[i].answer), std::move(answer)});
    }
    return answers;
  }

  void commit(std::vector<commit_request> group) {
    std::vector<storage::write_batch> batches;
    batches.reserve(group.size());
    for (auto& request : group)
      batches.push_back({std::move(request.units), std::move(request.claims)});
    auto done = config.log_keeper ? config.session->commit_ahead(batches) : config.session->commit(batches);
    watch(done.batches);
    stored_group told{answers_of(group, batches, done), std::move(done.news), done.reconnected};
    if (!config.log_keeper)
      return teller->tell(std::move(told));
    tell_fresh(told.news);
    caf::anon_send(config.log_keeper, std::move(told));
  }

  /// A queue may claim new jobs while the disk takes them: their handlers start when the claim is durable, which comes
  /// after. Of others it must first hear how their last attempt ended, or that its open slots are taken.
  void tell_fresh(commit_news& news) {
    auto& jobs = news.ready;
    const auto may_be_told = [&](const ready_job& job) {
      return job.fresh && std::none_of(news.gifts.begin(), news.gifts.end(),
                                       [&](const commit_news::gift& gift) { return gift.queue == job.queue; });
    };
    const auto others = std::stable_partition(jobs.begin(), jobs.end(), may_be_told);
    std::vector<ready_job> rest(std::make_move_iterator(others), std::make_move_iterator(jobs.end()));
    jobs.erase(others, jobs.end());
    teller->tell_queues(std::exchange(jobs, std::move(rest)));
  }
};

private_actor::behavior_type store_writer(private_actor::stateful_pointer<store_writer_state> self,
                                          store_writer_config config) {
  self->state.config = std::move(config);
  self->state.teller.emplace(self->state.config.listeners);
  self->set_exit_handler([self](const caf::exit_msg& told) {
    // What was sent before is committed first.
    for (auto& state = self->state; !state.is_idle();)
      state.commit(state.next_group());
    self->quit(told.reason);
  });
  return {
    [self](commit_request& request) {
      auto& state = self->state;
      const auto weight = weight_of(request);
      if (weight > commit_request::small_bytes)
        state.large.push_back({std::move(request), weight});
      else
        state.small.push_back(std::move(request));
      if (!std::exchange(state.flush_pending, true))
        self->send(self, flush_requests{});
    },
    [self](units_submitted& told) {
      auto& waiting = self->state.submitted;
      if (std::find(waiting.begin(), waiting.end(), told.from) == waiting.end())
        waiting.push_back(std::move(told.from));
      if (!std::exchange(self->state.flush_pending, true))
        self->send(self, flush_requests{});
    },
    [self](attach_queue& attached) {
      self->state.config.session->close_slots_of(attached.name);
      // What was stored before this word is there for the queue's first read, what comes later is told.
      if (attached.queue)
        caf::anon_send(attached.queue, jobs_ready{});
      if (self->state.config.log_keeper)
        self->send(self->state.config.log_keeper, attached);
      self->state.teller->attach(std::move(attached.name), std::move(attached.queue));
    },
    [self](const take_over_node& dead) { self->state.take_over(dead.node); },
    [self](const writes_query& query) -> caf::result<writes_state> {
      auto state = self->state.takes_writes();
      if (!self->state.config.log_keeper)
        return state;
      if (state.refused) {
        self->send(self->state.config.log_keeper, stored_group{}); // it may be the log, after which it must end
        return state;
      }
      return self->delegate(self->state.config.log_keeper, query);
    },
    [self](const flush_requests&) {
      auto& state = self->state;
      state.flush_pending = false;
      state.commit(state.next_group());
      if (!state.is_idle() && !std::exchange(state.flush_pending, true))
        self->send(self, flush_requests{});
    },
  };
}

} // namespace

store_writer_actor spawn_store_writer(caf::actor_system& system, store_writer_config config, bool detached) {
  return detached ? system.spawn<caf::detached>(store_writer, std::move(config))
                  : system.spawn(store_writer, std::move(config));
}

} // namespace penstock::actors
