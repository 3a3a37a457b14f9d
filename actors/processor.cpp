#include "actors/processor.hpp"

#include <exception>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <simdjson.h>

#include "actors/attempt_log.hpp"
#include "actors/store_reader.hpp"
#include "actors/stored_pieces.hpp"
#include "connectors/memory_pieces.hpp"

namespace penstock::actors {
namespace {

/// An order whose jobs have payloads: they are fetched one by one, then all is run.
struct open_order {
  work_order order;
  std::vector<std::string> payloads;
  std::vector<std::optional<error>> missing; ///< a payload that could not be read
};

struct processor_state {
  static constexpr const char* name = "processor";
  processor_config config;
};

bool reads_in_pieces(const processor_config& config, const ready_job& job) {
  const auto* handler = config.connectors->handler(job.kind);
  return handler && handler->in_pieces;
}

/// What must be read before the handler starts; 0: nothing.
job_id payload_to_load(const processor_config& config, const ready_job& job) {
  if (!reads_in_pieces(config, job))
    return job.has_payload ? job.id : job_id{};
  return config.detached ? job_id{} : stored_pieces::owner_of(job); // without a thread of its own nobody may wait
}

/// Throws whatever the handler does.
void run_handler(const processor_config& config, const work_order& order, const ready_job& job, std::string& payload,
                 attempt_log& log, work_result& outcome) {
  const auto* handler = config.connectors->handler(job.kind);
  const auto* process = handler ? std::get_if<connectors::process_handler>(&handler->handler) : nullptr;
  if (!process) {
    outcome.failed =
      error{error_code::bad_configuration, "no handler for '" + job.kind + "' on this node: is its connector enabled?"};
    return;
  }
  if (!payload.empty())
    payload.reserve(payload.size() + simdjson::SIMDJSON_PADDING);
  connectors::process_context context{
    job, payload, outcome.started_at,
    [&order, &job](progress value) {
      caf::anon_send(order.reply_to, progress_report{order.turn, job.id, std::move(value)});
    },
    connectors::job_log{[&log, &config](log_line_level level, std::string line) {
      log.add(level, std::move(line), config.clock->now());
    }}};
  std::unique_ptr<connectors::payload_pieces> pieces;
  if (handler->in_pieces && config.detached)
    pieces = std::make_unique<stored_pieces>(config.reader, job);
  else if (handler->in_pieces)
    pieces = std::make_unique<connectors::memory_pieces>(std::exchange(payload, {}));
  context.pieces = pieces.get();
  auto unit = (*process)(context);
  if (unit)
    outcome.unit = std::move(*unit);
  else
    outcome.failed = std::move(unit.error());
}

work_result attempt(const processor_config& config, const work_order& order, const ready_job& job,
                    std::string& payload) {
  work_result outcome;
  outcome.started_at = config.clock->now();
  attempt_log log(static_cast<std::uint16_t>(job.attempts + 1));
  try {
    run_handler(config, order, job, payload, log, outcome);
  } catch (const std::exception& problem) {
    outcome.failed = error{error_code::internal, std::string("the handler threw: ") + problem.what()};
  } catch (...) {
    outcome.failed = error{error_code::internal, "the handler threw something that is no std::exception"};
  }
  outcome.unit.logs = log.take();
  outcome.finished_at = config.clock->now();
  return outcome;
}

void run_order(const processor_config& config, open_order open) {
  work_done done{open.order.turn, {}};
  done.results.reserve(open.order.jobs.size());
  for (std::size_t i = 0; i < open.order.jobs.size(); ++i) {
    if (open.missing[i]) {
      work_result failed;
      failed.failed = std::move(open.missing[i]);
      done.results.push_back(std::move(failed));
    } else {
      done.results.push_back(attempt(config, open.order, open.order.jobs[i], open.payloads[i]));
    }
  }
  caf::anon_send(open.order.reply_to, std::move(done));
}

/// Reads the payload of job `index` and those after it, then runs the order.
void load_from(worker_actor::stateful_pointer<processor_state> self, std::shared_ptr<open_order> open,
               std::size_t index) {
  auto& jobs = open->order.jobs;
  while (index < jobs.size() && !payload_to_load(self->state.config, jobs[index]))
    ++index;
  if (index == jobs.size()) {
    run_order(self->state.config, std::move(*open));
    return;
  }
  // What stands in the store before a claim that is durable is so too.
  read_ahead(
    self, self->state.config.reader,
    [id = payload_to_load(self->state.config, jobs[index])](storage::read_session& db) {
      return db.jobs().payload(id);
    },
    [self, open, index](result<std::string> payload) {
      if (payload)
        open->payloads[index] = std::move(*payload);
      else
        open->missing[index] = std::move(payload.error());
      load_from(self, open, index + 1);
    });
}

worker_actor::behavior_type processor(worker_actor::stateful_pointer<processor_state> self, processor_config config) {
  self->state.config = std::move(config);
  return {
    [self](work_order& order) {
      auto open = std::make_shared<open_order>();
      open->payloads.resize(order.jobs.size());
      open->missing.resize(order.jobs.size());
      open->order = std::move(order);
      load_from(self, std::move(open), 0);
    },
    [](const stop_work&) {
      // A handler that runs has this thread; the queue waits for its answer or leaves it behind.
    },
  };
}

} // namespace

worker_actor spawn_processor(caf::actor_system& system, processor_config config) {
  return config.detached ? system.spawn<caf::detached>(processor, std::move(config))
                         : system.spawn(processor, std::move(config));
}

} // namespace penstock::actors
