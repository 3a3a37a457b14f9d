#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "actors/await_answer.hpp"
#include "core/error.hpp"
#include "gateway/answer_watch.hpp"
#include "messages/credential.hpp"
#include "messages/unit_of_work.hpp"
#include "net/asio.hpp"
#include "storage/read_session.hpp"

namespace penstock::actors {
struct engine_handles;
struct queue_state;
class event_subscriber;
} // namespace penstock::actors

namespace penstock::gateway {

/// The engine as coroutines see it: each call asks an actor and suspends until it answers, at most `answer_limit`
/// (then `unavailable`; what was asked may still happen). May be used by many threads; outlives its callers.
class node_port {
public:
  /// Holds the handles, so it must be gone before the actor system is.
  explicit node_port(const actors::engine_handles& handles, duration answer_limit = std::chrono::seconds(10));
  ~node_port();
  node_port(const node_port&) = delete;
  node_port& operator=(const node_port&) = delete;

  /// Runs `query(storage::read_session&)`, which returns a result<T>, on the thread of the people's reader.
  template <class Query>
  [[nodiscard]] net::asio::awaitable<std::invoke_result_t<Query, storage::read_session&>> read(Query query);

  /// Makes a unit durable. A refusal is the error; the unit_result is that of a unit that was not refused.
  [[nodiscard]] net::asio::awaitable<result<unit_result>> commit(unit_of_work unit);

  /// Why the database takes no writes at the moment; nothing if it does.
  [[nodiscard]] net::asio::awaitable<result<void>> takes_writes();

  /// What the queues that run on this node say of themselves; `history`: with the minutes of the last day.
  [[nodiscard]] net::asio::awaitable<result<std::vector<actors::queue_state>>> queue_states(bool history = false);

  /// Starts the first waiting job of a queue, also of a paused one, if a slot is free. 0: none could.
  [[nodiscard]] net::asio::awaitable<result<job_id>> run_one_of(std::string queue);

  [[nodiscard]] net::asio::awaitable<result<enqueued>>
  fetch_integration(integration_id id, bool force, std::string triggered_by, bool dry_run = false);
  /// Stores what a person consented to and marks the integration as authorised. `stays_paused`: it is not due before
  /// somebody resumes it.
  [[nodiscard]] net::asio::awaitable<result<void>> install_tokens(integration_id id, credential tokens,
                                                                  bool stays_paused = false);

  /// Tells the scheduler that schedules were changed.
  void reload_schedules();

  /// Tells a queue of its pause. Durable is only what was committed.
  void pause_queue(const std::string& name, bool paused);
  /// Tells the queues that a job was cancelled: one that runs is stopped, one that waits is forgotten.
  void cancel_job(job_id id, std::string reason, bool stored);

  void subscribe(std::shared_ptr<actors::event_subscriber> subscriber);
  void unsubscribe(std::shared_ptr<actors::event_subscriber> subscriber);

  /// Ends what waits too long; called once a second.
  void tick() { watch_.tick(); }

private:
  template <class T, class Start>
  net::asio::awaitable<result<T>> ask(Start start);
  void post_read(std::function<void(storage::read_session&)> task);

  std::unique_ptr<actors::engine_handles> handles_;
  answer_watch watch_;
};

template <class T, class Start>
net::asio::awaitable<result<T>> node_port::ask(Start start) {
  auto begin = [this, start = std::move(start)](std::function<void(result<T>)> done) mutable {
    auto waiting = std::make_shared<watched_answer<T>>(std::move(done));
    watch_.add(waiting);
    start(std::move(waiting));
  };
  auto outcome = co_await actors::await_answer<T>(std::move(begin));
  co_return outcome;
}

template <class Query>
net::asio::awaitable<std::invoke_result_t<Query, storage::read_session&>> node_port::read(Query query) {
  using value_type = typename std::invoke_result_t<Query, storage::read_session&>::value_type;
  auto begin = [this, query = std::move(query)](std::shared_ptr<watched_answer<value_type>> waiting) mutable {
    post_read([waiting = std::move(waiting), query = std::move(query)](storage::read_session& db) mutable {
      if (waiting->given())
        return; // nobody waits any more
      try {
        waiting->give(storage::once_durable(db, query(db)));
      } catch (const std::exception& thrown) {
        waiting->give(failure(error_code::internal, std::string("a read ended in an exception: ") + thrown.what()));
      }
    });
  };
  auto outcome = co_await ask<value_type>(std::move(begin));
  co_return outcome;
}

} // namespace penstock::gateway
