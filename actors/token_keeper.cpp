#include "actors/token_keeper.hpp"

#include <algorithm>
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
/// Another node was refreshing: look whether it still is.
struct look_again {};

} // namespace
} // namespace penstock::actors

PENSTOCK_LOCAL_MESSAGE(penstock::actors::refresh_ended)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::commit_again)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::look_again)

namespace penstock::actors {
namespace {

using private_actor = kept_token_keeper_actor::extend<caf::reacts_to<refresh_ended>, caf::reacts_to<commit_again>,
                                                      caf::reacts_to<look_again>>;

/// How long a node may keep others from refreshing: a dead one keeps them no longer.
constexpr duration longest_refresh = std::chrono::seconds(30);
/// What is left of that for storing the new pair.
constexpr duration storing_time = std::chrono::seconds(10);
/// Others look for somewhat longer than that.
constexpr duration longest_wait = longest_refresh + std::chrono::seconds(10);
/// A person's consent is tried anew when a refresh came between.
constexpr int most_install_tries = 5;

class token_keeper_state {
public:
  static constexpr const char* name = "token_keeper";

  void init(private_actor::pointer self, token_keeper_config config) {
    self_ = self;
    config_ = std::move(config);
  }

  void query(token_query asked) {
    queries_.push_back(std::move(asked));
    pick_up();
  }

  void install(install_tokens asked) {
    installs_.push_back(std::move(asked));
    install_tries_ = 0;
    pick_up();
  }

  [[nodiscard]] bool idle() const { return doing_ == activity::nothing && queries_.empty() && installs_.empty(); }

  void refresh_ended(result<net::token_grant> grant) {
    doing_ = activity::nothing;
    if (grant) {
      const auto now = config_.clock->now();
      credential fresh = stored_.value_or(credential{});
      fresh.integration = config_.integration;
      fresh.access_token = std::move(grant->access_token);
      if (!grant->refresh_token.empty())
        fresh.refresh_token = std::move(grant->refresh_token);
      fresh.access_expires_at = grant->expires_in > duration{0} ? now + grant->expires_in : no_time;
      fresh.updated_at = now;
      unit_of_work unit;
      unit.changes.push_back(store_credential{fresh, fresh.version});
      if (takes_turns())
        unit.changes.push_back(end_refresh{config_.integration, stored_->version, refreshing_until_});
      store(write::rotated, std::move(fresh), std::move(unit));
    } else if (grant.error().code == error_code::requires_reauth) {
      refused_ = grant.error();
      unit_of_work unit;
      if (config_.shared) // of that version nobody else may have learnt better
        unit.changes.push_back(end_refresh{config_.integration, stored_->version, refreshing_until_, true});
      unit.changes.push_back(
        act_on_integration{config_.integration, integration_action::requires_reauth, refused_->message});
      store(write::refused, std::nullopt, std::move(unit));
    } else {
      // What became of the refresh token is unknown: those who wait fail for now and try again with their jobs.
      answer_all(failure(std::move(grant.error())));
      if (!takes_turns())
        return go_on();
      unit_of_work unit;
      unit.changes.push_back(end_refresh{config_.integration, stored_->version, refreshing_until_});
      store(write::given_back, std::nullopt, std::move(unit));
    }
  }

  void committed(commit_answer& answer) {
    if (doing_ != activity::storing)
      return;
    if (answer.failed && writes_ == write::begun)
      return wait(); // it may be stored all the same: then it ends by itself
    if (answer.failed && writes_ != write::given_back) {
      // The new tokens exist nowhere else: they are written as soon as the database takes them.
      open_unit_ = std::move(answer.returned.front());
      self_->delayed_send(self_, std::chrono::duration_cast<std::chrono::nanoseconds>(config_.commit_pause),
                          actors::commit_again{});
      return;
    }
    doing_ = activity::nothing;
    const auto refused = answer.failed ? std::nullopt : std::move(answer.units.front().refused);
    const auto written = std::exchange(open_credential_, std::nullopt);
    switch (writes_) {
      case write::installed: return installed(*written, refused);
      case write::begun: return begun(refused);
      case write::refused: return refusal_stored(refused);
      case write::rotated:
        if (!refused) {
          adopt(*written);
          // Also where it ends soon, or is the one that was refused: a provider that gives no better is not asked again.
          answer_all(stored_->access_token);
        } else {
          look_anew(); // somebody else wrote it meanwhile, or the integration is gone
          if (refused->code != error_code::conflict)
            answer_all(failure(*refused));
        }
        break;
      case write::given_back: look_anew(); break;
    }
    go_on();
  }

  void look_again() {
    if (doing_ != activity::waiting)
      return;
    doing_ = activity::nothing;
    look_anew();
    go_on();
  }

  void commit_again() {
    std::vector<unit_of_work> units;
    units.push_back(std::move(open_unit_));
    self_->send(config_.store, commit_request{0, std::move(units), {}, commit_client_actor{self_}});
  }

private:
  enum class activity { nothing, loading, refreshing, storing, waiting };
  /// What is being stored.
  enum class write { begun, rotated, refused, given_back, installed };

  void adopt(credential fresh) {
    ++fresh.version; // as the store counts
    stored_ = std::move(fresh);
    refused_.reset();
    waits_since_.reset();
  }

  void look_anew() {
    loaded_ = false;
    just_read_ = false;
  }

  void pick_up() {
    if (doing_ == activity::nothing)
      just_read_ = false;
    go_on();
  }

  void go_on() {
    if (doing_ != activity::nothing || (queries_.empty() && installs_.empty()))
      return;
    if (!loaded_ || (config_.shared && !just_read_ && (!installs_.empty() || !stored_ || refused_))) {
      load(); // another node may have been given what is missing here
    } else if (!installs_.empty()) {
      begin_install();
    } else {
      answer_or_refresh();
    }
  }

  /// Another node refreshes.
  void wait() {
    doing_ = activity::nothing;
    const auto now = self_->clock().now();
    if (!waits_since_)
      waits_since_ = now;
    if (now - *waits_since_ > longest_wait) {
      look_anew();
      answer_all(failure(error_code::unavailable, "another node's refresh of the access token does not end"));
      return go_on();
    }
    doing_ = activity::waiting;
    self_->delayed_send(self_, std::chrono::duration_cast<std::chrono::nanoseconds>(config_.look_pause),
                        actors::look_again{});
  }

  /// Where nodes share the database: may this one refresh?
  void begun(const std::optional<error>& refused) {
    if (!refused) {
      if (refreshing_until_ - config_.clock->now() < 2 * storing_time)
        return wait(); // the store was busy for too long: it ends soon by itself
      return ask_provider();
    }
    if (refused->code == error_code::conflict) {
      if (just_read_)
        return wait();
      look_anew();
      return go_on();
    }
    if (refused->code == error_code::requires_reauth)
      refused_ = refused; // another node was told so
    answer_all(failure(*refused));
    go_on();
  }

  void refusal_stored(const std::optional<error>& refused) {
    if (refused && refused->code == error_code::conflict) {
      refused_.reset(); // it was told of a version that is not stored any more, or while another node refreshes
      return wait();
    }
    spdlog::warn("token keeper of integration {}: {}; a person must authorise again", to_string(config_.integration),
                 refused_->message);
    answer_all(failure(*refused_));
    if (refused)
      look_anew(); // the integration is gone
    go_on();
  }

  void installed(credential fresh, const std::optional<error>& refused) {
    if (refused && refused->code == error_code::conflict && config_.shared && ++install_tries_ < most_install_tries) {
      look_anew();
      return go_on();
    }
    install_tries_ = 0;
    auto asked = std::move(installs_.front());
    installs_.pop_front();
    if (refused) {
      look_anew();
      asked.answer(failure(*refused));
    } else {
      adopt(std::move(fresh));
      just_read_ = false;
      asked.answer({});
    }
    go_on();
  }

  void load() {
    doing_ = activity::loading;
    read(
      self_, config_.reader,
      [id = config_.integration](storage::read_session& db) { return db.integrations().credential_of(id); },
      [this](result<std::optional<credential>> found) {
        doing_ = activity::nothing;
        if (!found) {
          answer_all(failure(found.error()));
          for (auto& asked : std::exchange(installs_, {}))
            asked.answer(failure(found.error()));
          return;
        }
        loaded_ = just_read_ = true;
        if (*found && stored_ && (*found)->version != stored_->version) {
          refused_.reset(); // it was told of another
          waits_since_.reset();
        }
        stored_ = std::move(*found);
        go_on();
      });
  }

  void begin_install() {
    credential fresh = installs_.front().tokens;
    fresh.integration = config_.integration;
    fresh.version = stored_ ? stored_->version : 0;
    fresh.updated_at = config_.clock->now();
    unit_of_work unit;
    unit.changes.push_back(store_credential{fresh, fresh.version});
    unit.changes.push_back(act_on_integration{config_.integration, integration_action::reauthorised, {}});
    if (installs_.front().stays_paused)
      unit.changes.push_back(act_on_integration{config_.integration, integration_action::pause, {}});
    store(write::installed, std::move(fresh), std::move(unit));
  }

  void answer_or_refresh() {
    const auto now = config_.clock->now();
    std::deque<token_query> unanswered;
    for (auto& asked : std::exchange(queries_, {})) {
      if (!stored_ && !config_.as_client)
        asked.answer(failure(error_code::requires_reauth, none_yet()));
      else if (refused_)
        asked.answer(failure(*refused_));
      else if (!stored_ || asked.rejected == stored_->access_token || runs_out(now))
        unanswered.push_back(std::move(asked));
      else
        asked.answer(stored_->access_token);
    }
    queries_ = std::move(unanswered);
    if (!queries_.empty())
      refresh();
  }

  /// A refresh token is good once, so that of nodes one at a time may use it. A client may ask as often as it likes: of two
  /// nodes that do, the one that stores last finds the other's token, and takes that.
  [[nodiscard]] bool takes_turns() const { return config_.shared && !config_.as_client; }

  [[nodiscard]] std::string none_yet() const {
    return (config_.provider ? "not authorised yet: penstock integrations authorize "
                             : "there is no token yet: penstock integrations token ") +
           to_string(config_.integration);
  }

  [[nodiscard]] bool runs_out(timestamp now) const {
    return stored_->access_expires_at != no_time && stored_->access_expires_at - now < config_.margin;
  }

  void refresh() {
    if (!config_.as_client && (!config_.provider || stored_->refresh_token.empty())) {
      refreshing_until_ = no_time;
      refresh_ended(failure(error_code::requires_reauth,
                            config_.provider ? "the access token ended and there is none to refresh it with"
                                             : "the token was refused: store another with 'penstock integrations "
                                               "token " +
                                                 to_string(config_.integration) + "'"));
      return;
    }
    if (!takes_turns())
      return ask_provider();
    refreshing_until_ = config_.clock->now() + longest_refresh;
    unit_of_work unit;
    unit.changes.push_back(begin_refresh{config_.integration, stored_->version, refreshing_until_});
    store(write::begun, std::nullopt, std::move(unit));
  }

  void ask_provider() {
    doing_ = activity::refreshing;
    spdlog::info("token keeper of integration {} refreshes the access token", to_string(config_.integration));
    auto provider = *config_.provider;
    if (takes_turns())
      provider.timeout = std::min<duration>(provider.timeout, refreshing_until_ - config_.clock->now() - storing_time);
    auto client = std::make_shared<net::oauth2_client>(*config_.http, *config_.clock, std::move(provider));
    net::asio::co_spawn(
      config_.executor,
      [client, as_client = config_.as_client,
       token = stored_ ? stored_->refresh_token : ""]() -> net::asio::awaitable<result<net::token_grant>> {
        if (as_client)
          co_return co_await client->ask_as_client();
        co_return co_await client->refresh(token);
      },
      [keeper = private_actor{self_}](const std::exception_ptr& thrown, result<net::token_grant> grant) {
        if (thrown)
          grant = failure(error_code::internal, "the refresh ended in an exception");
        caf::anon_send(keeper, actors::refresh_ended{std::move(grant)});
      });
  }

  void store(write what, std::optional<credential> fresh, unit_of_work unit) {
    doing_ = activity::storing;
    writes_ = what;
    open_credential_ = std::move(fresh);
    open_unit_ = std::move(unit);
    commit_again();
  }

  void answer_all(const result<std::string>& answer) {
    waits_since_.reset();
    for (auto& asked : std::exchange(queries_, {}))
      asked.answer(answer);
  }

  private_actor::pointer self_ = nullptr;
  token_keeper_config config_;
  std::deque<token_query> queries_;
  std::deque<install_tokens> installs_;
  bool loaded_ = false;
  bool just_read_ = false; ///< nothing was waited for since `stored_` was read
  std::optional<credential> stored_;
  std::optional<error> refused_; ///< the provider's last word on the refresh token
  std::optional<credential> open_credential_;
  unit_of_work open_unit_;
  activity doing_ = activity::nothing;
  write writes_ = write::begun;
  timestamp refreshing_until_ = no_time; ///< other nodes leave the refresh to this one
  std::optional<caf::actor_clock::time_point> waits_since_;
  int install_tries_ = 0;
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
    [&state](const look_again&) { state.look_again(); },
  };
}

} // namespace

kept_token_keeper_actor spawn_token_keeper(caf::actor_system& system, token_keeper_config config) {
  return system.spawn(token_keeper, std::move(config));
}

} // namespace penstock::actors
