#include "actors/integration_directory.hpp"

#include <unordered_map>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/engine_kinds.hpp"
#include "actors/integration_fetch.hpp"
#include "actors/store_reader.hpp"

namespace penstock::actors {
namespace {

struct check_sleepers {};

} // namespace
} // namespace penstock::actors

PENSTOCK_LOCAL_MESSAGE(penstock::actors::check_sleepers)

namespace penstock::actors {
namespace {

using private_actor = integration_directory_actor::extend<caf::reacts_to<check_sleepers>>;

/// An actor that is awake, and what tells whether it was given work since it was asked whether it is idle.
template <class Handle>
struct awake {
  Handle handle;
  std::uint64_t messages = 0;
};

class integration_directory_state {
public:
  static constexpr const char* name = "integration_directory";

  ~integration_directory_state() {
    for (auto& [id, each] : integrations_)
      caf::anon_send_exit(each.handle, caf::exit_reason::user_shutdown);
    for (auto& [id, each] : keepers_)
      caf::anon_send_exit(each.handle, caf::exit_reason::user_shutdown);
  }

  void init(private_actor::pointer self, integration_directory_config config) {
    self_ = self;
    config_ = std::move(config);
    arm();
  }

  void work(work_order& order) {
    const auto& job = order.jobs.front();
    if (job.kind == check_updates_kind) {
      work_result outcome;
      outcome.started_at = outcome.finished_at = config_.clock->now();
      outcome.unit.changes.push_back(trigger_due_integrations{});
      answer(order, std::move(outcome));
    } else if (job.kind == integration_process_kind && job.integration) {
      forward(integrations_, integration_for(job.integration), std::move(order));
    } else if (job.kind == integration_fetch_kind) {
      fetch_for(std::move(order));
    } else {
      work_result outcome;
      outcome.failed =
        error{error_code::invalid_argument, "'" + job.kind + "' is the engine's own kind and needs an integration"};
      answer(order, std::move(outcome));
    }
  }

  void query_token(token_query& asked) {
    with_keeper(asked.integration, [this, asked](result<integration_id> known) mutable {
      if (known)
        forward(keepers_, *known, std::move(asked));
      else
        asked.answer(failure(std::move(known.error())));
    });
  }

  void install(install_tokens& asked) {
    with_keeper(asked.integration, [this, asked](result<integration_id> known) mutable {
      if (known)
        forward(keepers_, *known, std::move(asked));
      else
        asked.answer(failure(std::move(known.error())));
    });
  }

  void fetch(fetch_integration& asked) { forward(integrations_, integration_for(asked.integration), std::move(asked)); }

  void check_sleepers() {
    check(integrations_);
    check(keepers_);
    arm();
  }

private:
  /// integrations.fetch: the integration's actor answers, on its own thread.
  void fetch_for(work_order order) {
    const auto started = config_.clock->now();
    auto asked = read_fetch_args(order.jobs.front());
    if (!asked) {
      work_result outcome;
      outcome.started_at = outcome.finished_at = started;
      outcome.failed = std::move(asked.error());
      answer(order, std::move(outcome));
      return;
    }
    asked->answer = [turn = order.turn, to = order.reply_to, started,
                     clock = config_.clock](const result<enqueued>& root) {
      work_done done{turn, {}};
      done.results.push_back(fetch_outcome(root));
      done.results.back().started_at = started;
      done.results.back().finished_at = clock->now();
      caf::anon_send(to, std::move(done));
    };
    fetch(*asked);
  }

  template <class Map, class Message>
  void forward(Map& map, integration_id id, Message message) {
    auto& entry = map.at(id);
    ++entry.messages;
    self_->send(entry.handle, std::move(message));
  }

  void answer(const work_order& order, work_result outcome) {
    work_done done{order.turn, {}};
    done.results.push_back(std::move(outcome));
    self_->send(order.reply_to, std::move(done));
  }

  integration_id integration_for(integration_id id) {
    if (!integrations_.contains(id)) {
      integration_config config{id, config_.connectors, config_.store, config_.reader, config_.clock, config_.ids};
      integrations_.emplace(id, awake<kept_integration_actor>{spawn_integration(self_->system(), std::move(config))});
    }
    return id;
  }

  /// A keeper must know how its service refreshes tokens, which the integration's row tells.
  void with_keeper(integration_id id, std::function<void(result<integration_id>)> then) {
    if (keepers_.contains(id)) {
      then(id);
      return;
    }
    read(
      self_, config_.reader, [id](storage::read_session& db) { return db.integrations().find(id); },
      [this, id, then = std::move(then)](result<integration> account) {
        if (!account) {
          then(failure(std::move(account.error())));
          return;
        }
        if (!keepers_.contains(id))
          keepers_.emplace(id, awake<kept_token_keeper_actor>{spawn_keeper(*account)});
        then(id);
      });
  }

  kept_token_keeper_actor spawn_keeper(const integration& account) {
    token_keeper_config config;
    config.integration = account.id;
    const auto* service = config_.connectors->find_service(account.service);
    if (service && service->oauth) {
      config.provider = service->oauth;
      config.provider->redirect_uri = config_.public_url + "/oauth/" + service->name + "/callback";
    } else if (service && service->client_grant) {
      config.provider = service->client_grant;
      config.as_client = true;
    }
    config.store = config_.store;
    config.reader = config_.reader;
    config.http = config_.http;
    config.clock = config_.clock;
    config.executor = config_.executor;
    config.shared = config_.shared;
    return spawn_token_keeper(self_->system(), std::move(config));
  }

  template <class Map>
  void check(Map& map) {
    for (auto& [id, entry] : map) {
      self_->request(entry.handle, read_timeout, idle_query{})
        .then(
          [&map, this, id = id, messages = entry.messages](const idle_answer& answer) {
            const auto found = map.find(id);
            if (!answer.idle || found == map.end() || found->second.messages != messages)
              return;
            self_->send_exit(found->second.handle, caf::exit_reason::user_shutdown);
            map.erase(found);
          },
          [&map, id = id](const caf::error& why) {
            // It died: whoever needs it next wakes another. One that is merely slow is kept, or there would be two.
            if (why != caf::sec::request_timeout)
              map.erase(id);
          });
    }
  }

  void arm() {
    self_->delayed_send(self_, std::chrono::duration_cast<std::chrono::nanoseconds>(config_.sleep_check),
                        actors::check_sleepers{});
  }

  private_actor::pointer self_ = nullptr;
  integration_directory_config config_;
  std::unordered_map<integration_id, awake<kept_integration_actor>> integrations_;
  std::unordered_map<integration_id, awake<kept_token_keeper_actor>> keepers_;
};

private_actor::behavior_type integration_directory(private_actor::stateful_pointer<integration_directory_state> self,
                                                   integration_directory_config config) {
  auto& state = self->state;
  state.init(self, std::move(config));
  return {
    [&state](work_order& order) { state.work(order); },
    [](const stop_work&) {
      // Engine work takes milliseconds; there is nothing to stop.
    },
    [&state](token_query& asked) { state.query_token(asked); },
    [&state](install_tokens& asked) { state.install(asked); },
    [&state](fetch_integration& asked) { state.fetch(asked); },
    [&state](const check_sleepers&) { state.check_sleepers(); },
  };
}

} // namespace

integration_directory_actor spawn_integration_directory(caf::actor_system& system,
                                                        integration_directory_config config) {
  return system.spawn(integration_directory, std::move(config));
}

} // namespace penstock::actors
