#include "actors/token_keeper.hpp"

#include <deque>
#include <memory>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <spdlog/spdlog.h>

#include "actors/store_reader.hpp"
#include "core/id_text.hpp"

namespace penstock::actors {
namespace {

/// The provider's answer to a refresh.
struct refresh_ended {
  result<net::token_grant> grant;
};
struct commit_again {};

} // namespace
} // namespace penstock::actors

PENSTOCK_LOCAL_MESSAGE(penstock::actors::refresh_ended)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::commit_again)

namespace penstock::actors {
namespace {

using private_actor = kept_token_keeper_actor::extend<caf::reacts_to<refresh_ended>, caf::reacts_to<commit_again>>;

class token_keeper_state {
public:
  static constexpr const char* name = "token_keeper";

  void init(private_actor::pointer self, token_keeper_config config) {
    self_ = self;
    config_ = std::move(config);
  }

  void query(token_query asked) {
    queries_.push_back(std::move(asked));
    go_on();
  }

  void install(install_tokens asked) {
    installs_.push_back(std::move(asked));
    go_on();
  }

  [[nodiscard]] bool idle() const { return doing_ == activity::nothing && queries_.empty() && installs_.empty(); }

  void refresh_ended(result<net::token_grant> grant) {
    doing_ = activity::nothing;
    if (grant) {
      const auto now = config_.clock->now();
      credential fresh = *stored_;
      fresh.access_token = std::move(grant->access_token);
      if (!grant->refresh_token.empty())
        fresh.refresh_token = std::move(grant->refresh_token);
      fresh.access_expires_at = grant->expires_in > duration{0} ? now + grant->expires_in : no_time;
      fresh.updated_at = now;
      unit_of_work unit;
      unit.changes.push_back(store_credential{fresh, stored_->version});
      store(std::move(fresh), std::move(unit));
    } else if (grant.error().code == error_code::requires_reauth) {
      refused_ = grant.error();
      spdlog::warn("token keeper of integration {}: {}; a person must authorise again", to_string(config_.integration),
                   refused_->message);
      unit_of_work unit;
      unit.changes.push_back(
        act_on_integration{config_.integration, integration_action::requires_reauth, refused_->message});
      store(std::nullopt, std::move(unit));
    } else {
      // What became of the refresh token is unknown: those who wait fail for now and try again with their jobs.
      answer_all(failure(std::move(grant.error())));
      go_on();
    }
  }

  void committed(commit_answer& answer) {
    if (doing_ != activity::storing)
      return;
    if (answer.failed) {
      // The new tokens exist nowhere else: they are written as soon as the database takes them.
      open_unit_ = std::move(answer.returned.front());
      self_->delayed_send(self_, std::chrono::duration_cast<std::chrono::nanoseconds>(config_.commit_pause),
                          actors::commit_again{});
      return;
    }
    doing_ = activity::nothing;
    auto& outcome = answer.units.front();
    if (!installs_.empty() && installing_) {
      auto asked = std::move(installs_.front());
      installs_.pop_front();
      installing_ = false;
      if (outcome.ok()) {
        adopt(std::move(*open_credential_));
        asked.answer({});
      } else {
        loaded_ = false;
        asked.answer(failure(std::move(*outcome.refused)));
      }
    } else if (open_credential_ && outcome.ok()) {
      adopt(std::move(*open_credential_));
    } else {
      loaded_ = false; // somebody else wrote it meanwhile, or the integration is gone: look again
    }
    open_credential_.reset();
    go_on();
  }

  void commit_again() {
    std::vector<unit_of_work> units;
    units.push_back(std::move(open_unit_));
    self_->send(config_.store, commit_request{0, std::move(units), {}, commit_client_actor{self_}});
  }

private:
  enum class activity { nothing, loading, refreshing, storing };

  void adopt(credential fresh) {
    ++fresh.version; // as the store counts
    stored_ = std::move(fresh);
    refused_.reset();
  }

  void go_on() {
    if (doing_ != activity::nothing || (queries_.empty() && installs_.empty()))
      return;
    if (!loaded_) {
      load();
    } else if (!installs_.empty()) {
      begin_install();
    } else {
      answer_or_refresh();
    }
  }

  void load() {
    doing_ = activity::loading;
    read(self_, config_.reader,
         [id = config_.integration](storage::read_session& db) { return db.integrations().credential_of(id); },
         [this](result<std::optional<credential>> found) {
           doing_ = activity::nothing;
           if (!found) {
             answer_all(failure(found.error()));
             for (auto& asked : std::exchange(installs_, {}))
               asked.answer(failure(found.error()));
             return;
           }
           loaded_ = true;
           stored_ = std::move(*found);
           go_on();
         });
  }

  void begin_install() {
    installing_ = true;
    credential fresh = installs_.front().tokens;
    fresh.integration = config_.integration;
    fresh.version = stored_ ? stored_->version : 0;
    fresh.updated_at = config_.clock->now();
    unit_of_work unit;
    unit.changes.push_back(store_credential{fresh, fresh.version});
    unit.changes.push_back(act_on_integration{config_.integration, integration_action::reauthorised, {}});
    store(std::move(fresh), std::move(unit));
  }

  void answer_or_refresh() {
    const auto now = config_.clock->now();
    std::deque<token_query> unanswered;
    for (auto& asked : std::exchange(queries_, {})) {
      if (!stored_)
        asked.answer(failure(error_code::requires_reauth,
                             "not authorised yet: penstock integrations authorize " + to_string(config_.integration)));
      else if (refused_)
        asked.answer(failure(*refused_));
      else if (asked.rejected == stored_->access_token || runs_out(now))
        unanswered.push_back(std::move(asked));
      else
        asked.answer(stored_->access_token);
    }
    queries_ = std::move(unanswered);
    if (!queries_.empty())
      refresh();
  }

  [[nodiscard]] bool runs_out(timestamp now) const {
    return stored_->access_expires_at != no_time && stored_->access_expires_at - now < config_.margin;
  }

  void refresh() {
    if (!config_.provider || stored_->refresh_token.empty()) {
      refresh_ended(failure(error_code::requires_reauth, "the access token ended and there is none to refresh it with"));
      return;
    }
    doing_ = activity::refreshing;
    spdlog::info("token keeper of integration {} refreshes the access token", to_string(config_.integration));
    auto client = std::make_shared<net::oauth2_client>(*config_.http, *config_.clock, *config_.provider);
    net::asio::co_spawn(
      config_.executor,
      [client, token = stored_->refresh_token]() -> net::asio::awaitable<result<net::token_grant>> {
        co_return co_await client->refresh(token);
      },
      [keeper = private_actor{self_}](const std::exception_ptr& thrown, result<net::token_grant> grant) {
        if (thrown)
          grant = failure(error_code::internal, "the refresh ended in an exception");
        caf::anon_send(keeper, actors::refresh_ended{std::move(grant)});
      });
  }

  void store(std::optional<credential> fresh, unit_of_work unit) {
    doing_ = activity::storing;
    open_credential_ = std::move(fresh);
    open_unit_ = std::move(unit);
    commit_again();
  }

  void answer_all(const result<std::string>& answer) {
    for (auto& asked : std::exchange(queries_, {}))
      asked.answer(answer);
  }

  private_actor::pointer self_ = nullptr;
  token_keeper_config config_;
  std::deque<token_query> queries_;
  std::deque<install_tokens> installs_;
  bool loaded_ = false, installing_ = false;
  std::optional<credential> stored_;
  std::optional<error> refused_; ///< the provider's last word on the refresh token
  std::optional<credential> open_credential_;
  unit_of_work open_unit_;
  activity doing_ = activity::nothing;
};

private_actor::behavior_type token_keeper(private_actor::stateful_pointer<token_keeper_state> self,
                                          token_keeper_config config) {
  auto& state = self->state;
  state.init(self, std::move(config));
  return {
    [&state](token_query& asked) { state.query(std::move(asked)); },
    [&state](install_tokens& asked) { state.install(std::move(asked)); },
    [&state](commit_answer& answer) { state.committed(answer); },
    [&state](const idle_query&) { return idle_answer{state.idle()}; },
    [&state](refresh_ended& ended) { state.refresh_ended(std::move(ended.grant)); },
    [&state](const commit_again&) { state.commit_again(); },
  };
}

} // namespace

kept_token_keeper_actor spawn_token_keeper(caf::actor_system& system, token_keeper_config config) {
  return system.spawn(token_keeper, std::move(config));
}

} // namespace penstock::actors
