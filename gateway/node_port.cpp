#include "gateway/node_port.hpp"

#include <algorithm>

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include "actors/engine.hpp"

namespace penstock::gateway {

using net::asio::awaitable;

node_port::node_port(const actors::engine_handles& handles, duration answer_limit)
    : handles_(std::make_unique<actors::engine_handles>(handles)),
      watch_(static_cast<std::uint32_t>(
        std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(answer_limit).count()))) {}

node_port::~node_port() = default;

void node_port::post_read(std::function<void(storage::read_session&)> task) {
  caf::anon_send(handles_->readers.back(), actors::read_task{std::move(task)});
}

awaitable<result<unit_result>> node_port::commit(unit_of_work unit) {
  // On the heap, since the closure is moved from hand to hand, and a unit is not small.
  auto begin = [this, one = std::make_unique<unit_of_work>(std::move(unit))](
                 std::shared_ptr<watched_answer<unit_result>> waiting) {
    auto done = [waiting = std::move(waiting)](result<unit_result> outcome) { waiting->give(std::move(outcome)); };
    handles_->commits->submit(std::move(*one), std::move(done));
  };
  auto outcome = co_await ask<unit_result>(std::move(begin));
  co_return outcome;
}

awaitable<result<enqueued>> node_port::fetch_integration(integration_id id, bool force, std::string triggered_by,
                                                         bool dry_run) {
  actors::fetch_integration asked{id, force, std::move(triggered_by), dry_run, {}};
  auto begin = [this, asked = std::move(asked)](std::shared_ptr<watched_answer<enqueued>> waiting) mutable {
    asked.answer = [waiting = std::move(waiting)](result<enqueued> outcome) { waiting->give(std::move(outcome)); };
    caf::anon_send(handles_->integrations, std::move(asked));
  };
  auto outcome = co_await ask<enqueued>(std::move(begin));
  co_return outcome;
}

awaitable<result<void>> node_port::install_tokens(integration_id id, credential tokens, bool stays_paused) {
  actors::install_tokens asked{id, std::move(tokens), {}, stays_paused};
  auto begin = [this, asked = std::move(asked)](std::shared_ptr<watched_answer<void>> waiting) mutable {
    asked.answer = [waiting = std::move(waiting)](result<void> outcome) { waiting->give(std::move(outcome)); };
    caf::anon_send(handles_->integrations, std::move(asked));
  };
  auto outcome = co_await ask<void>(std::move(begin));
  co_return outcome;
}

void node_port::pause_queue(const std::string& name, bool paused) {
  const auto word = paused ? actors::queue_command::pause : actors::queue_command::resume;
  caf::anon_send(handles_->supervisor, actors::command_named_queue{name, word});
}

void node_port::cancel_job(job_id id, std::string reason, bool stored) {
  caf::anon_send(handles_->supervisor, actors::cancel_running{id, std::move(reason), stored});
}

void node_port::reload_schedules() { caf::anon_send(handles_->supervisor, actors::reload_schedules{}); }

void node_port::subscribe(std::shared_ptr<actors::event_subscriber> subscriber) {
  caf::anon_send(handles_->events, actors::subscribe_events{std::move(subscriber)});
}

void node_port::unsubscribe(std::shared_ptr<actors::event_subscriber> subscriber) {
  caf::anon_send(handles_->events, actors::unsubscribe_events{std::move(subscriber)});
}

} // namespace penstock::gateway
