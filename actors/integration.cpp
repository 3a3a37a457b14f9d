#include "actors/integration.hpp"

#include <unordered_map>
#include <utility>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/engine_kinds.hpp"
#include "actors/store_reader.hpp"
#include "connectors/fetched.hpp"
#include "core/id_text.hpp"
#include "core/rfc3339.hpp"

namespace penstock::actors {
namespace {

using actor_type = kept_integration_actor;

tl::unexpected<error> run_is_open(job_id root) {
  return failure(error_code::conflict, "a sync is under way" +
                                         (root ? " (job " + to_string(root) + ")" : std::string{}) +
                                         ": ask for a dry run when it has ended");
}

/// A dry run asks what a run asks of an integration, but changes nothing of it.
result<void> may_try_out(const integration& account, timestamp now) {
  if (account.live_run || account.schedule.status == integration_status::processing)
    return run_is_open({});
  if (auto moved = triggered(account.schedule, now, true); !moved)
    return failure(std::move(moved.error()));
  return {};
}

class integration_state {
public:
  static constexpr const char* name = "integration";

  void init(actor_type::pointer self, integration_config config) {
    self_ = self;
    config_ = std::move(config);
  }

  /// integration.process: plans the run and hands the unit to the queue, which commits it with the job's end.
  void start_run(work_order order) {
    auto shared = std::make_shared<work_order>(std::move(order));
    const auto started = config_.clock->now();
    ++open_;
    read(
      self_, config_.reader, [id = config_.id](storage::read_session& db) { return db.integrations().find(id); },
      [this, shared, started](result<integration> account) {
        --open_;
        work_result outcome;
        outcome.started_at = started;
        auto unit = account ? plan_run(*account, shared->jobs.front(), *config_.connectors, *config_.ids)
                            : result<unit_of_work>(failure(std::move(account.error())));
        if (unit)
          outcome.unit = std::move(*unit);
        else
          outcome.failed = std::move(unit.error());
        outcome.finished_at = config_.clock->now();
        work_done done{shared->turn, {}};
        done.results.push_back(std::move(outcome));
        self_->send(shared->reply_to, std::move(done));
      });
  }

  /// `second`: the first try met another run's beginning.
  void fetch(fetch_integration asked, bool second = false) {
    auto shared = std::make_shared<fetch_integration>(std::move(asked));
    ++open_;
    read(
      self_, config_.reader, [id = config_.id](storage::read_session& db) { return db.integrations().find(id); },
      [this, shared, second](result<integration> account) {
        --open_;
        if (!account)
          shared->answer(failure(std::move(account.error())));
        else if (auto fetched = connectors::check_is_fetched(*config_.connectors, account->service, account->id);
                 !fetched)
          shared->answer(failure(std::move(fetched.error())));
        else
          trigger(*account, std::move(*shared), second);
      });
  }

  void committed(commit_answer& answer) {
    const auto found = asked_.find(answer.token);
    if (found == asked_.end())
      return;
    auto asked = std::move(found->second);
    asked_.erase(found);
    if (answer.failed) {
      asked.request.answer(failure(std::move(*answer.failed)));
    } else if (auto& unit = answer.units.front();
               unit.ok() && asked.request.dry_run && unit.jobs.front().deduplicated) {
      asked.request.answer(run_is_open(unit.jobs.front().id)); // it began in between
    } else if (unit.ok()) {
      asked.request.answer(unit.jobs.front());
    } else if (unit.refused->code == error_code::conflict && !asked.second) {
      fetch(std::move(asked.request), true); // somebody else's run came in between: answer with its job
    } else {
      asked.request.answer(failure(std::move(*unit.refused)));
    }
  }

  [[nodiscard]] bool idle() const { return open_ == 0 && asked_.empty(); }

private:
  struct open_request {
    fetch_integration request;
    bool second = false;
  };

  void trigger(const integration& account, fetch_integration asked, bool second) {
    const auto now = config_.clock->now();
    unit_of_work unit;
    if (asked.dry_run) {
      if (auto open = may_try_out(account, now); !open) {
        asked.answer(failure(std::move(open.error())));
        return;
      }
    } else if (account.schedule.status != integration_status::processing) {
      // The same rule as the due check's; a run that is open or asked for already answers with its own job instead.
      if (auto moved = triggered(account.schedule, now, asked.force); !moved) {
        asked.answer(failure(std::move(moved.error())));
        return;
      }
      unit.changes.push_back(mark_triggered{account.id});
    }
    job_request root;
    root.kind = std::string(integration_process_kind);
    root.args = boost::json::serialize(boost::json::object{{"triggered_by", asked.triggered_by}});
    if (asked.dry_run)
      root.args = boost::json::serialize(boost::json::object{{"triggered_by", asked.triggered_by}, {"dry_run", true}});
    root.unique_key = to_string(account.id);
    root.integration = account.id;
    root.organisation = account.organisation;
    root.triggered_by = asked.triggered_by;
    unit.jobs.push_back(std::move(root));
    const auto token = ++last_token_;
    asked_.emplace(token, open_request{std::move(asked), second});
    std::vector<unit_of_work> units;
    units.push_back(std::move(unit));
    self_->send(config_.store, commit_request{token, std::move(units), {}, commit_client_actor{self_}});
  }

  actor_type::pointer self_ = nullptr;
  integration_config config_;
  std::unordered_map<std::uint64_t, open_request> asked_;
  std::uint64_t last_token_ = 0;
  int open_ = 0; ///< reads on their way
};

actor_type::behavior_type integration_behavior(actor_type::stateful_pointer<integration_state> self,
                                               integration_config config) {
  auto& state = self->state;
  state.init(self, std::move(config));
  return {
    [&state](work_order& order) { state.start_run(std::move(order)); },
    [](const stop_work&) {
      // Planning takes milliseconds; there is nothing to stop.
    },
    [&state](commit_answer& answer) { state.committed(answer); },
    [&state](fetch_integration& asked) { state.fetch(std::move(asked)); },
    [&state](const idle_query&) { return idle_answer{state.idle()}; },
  };
}

} // namespace

kept_integration_actor spawn_integration(caf::actor_system& system, integration_config config) {
  return system.spawn(integration_behavior, std::move(config));
}

} // namespace penstock::actors
