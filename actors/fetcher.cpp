#include "actors/fetcher.hpp"

#include <memory>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/fetch_run.hpp"
#include "actors/store_reader.hpp"

namespace penstock::actors {
namespace {

struct fetcher_state {
  static constexpr const char* name = "fetcher";
  fetcher_config config;
  std::shared_ptr<fetch_run> run;
  bool stopped = false;
};

void refuse(worker_actor::stateful_pointer<fetcher_state> self, const work_order& order, error why, bool cancelled) {
  work_done done{order.turn, {}};
  done.results.resize(order.jobs.size());
  for (auto& each : done.results) {
    each.started_at = each.finished_at = self->state.config.clock->now();
    each.failed = why;
    each.cancelled = cancelled;
  }
  self->send(order.reply_to, std::move(done));
}

worker_actor::behavior_type fetcher(worker_actor::stateful_pointer<fetcher_state> self, fetcher_config config) {
  self->state.config = std::move(config);
  return {
    [self](work_order& order) {
      auto shared = std::make_shared<work_order>(std::move(order));
      read(
        self, self->state.config.reader,
        [job = shared->jobs.front(), connectors = self->state.config.connectors](storage::read_session& db) {
          return load_surroundings(db, job, *connectors);
        },
        [self, shared](result<fetch_surroundings> found) {
          auto& state = self->state;
          if (!found)
            refuse(self, *shared, std::move(found.error()), false);
          else if (state.stopped)
            refuse(self, *shared, {error_code::cancelled, "stopped before it began"}, true);
          else {
            state.run = std::make_shared<fetch_run>(state.config, std::move(*shared), std::move(*found));
            state.run->start();
          }
        });
    },
    [self](const stop_work&) {
      self->state.stopped = true;
      if (self->state.run)
        self->state.run->stop();
    },
  };
}

} // namespace

worker_actor spawn_fetcher(caf::actor_system& system, fetcher_config config) {
  return system.spawn(fetcher, std::move(config));
}

} // namespace penstock::actors
