#pragma once

#include <any>
#include <memory>
#include <type_traits>
#include <utility>

#include <caf/fwd.hpp>

#include "messages/actors/store.hpp"
#include "storage/read_session.hpp"

namespace penstock::actors {

/// STORE READER
/// Duty: reads committed data for others, one closure at a time. Remembers nothing. When it dies, waiting reads end in
/// their askers' timeouts, and the supervisor starts another. Blocks on the disk, so it has a thread of its own unless
/// `detached` is false (tests, where it shares the writer's session).
store_reader_actor spawn_store_reader(caf::actor_system& system, std::shared_ptr<storage::read_session> session,
                                      bool detached = true);

/// Longest wait of an actor for a read. A reader that needs longer is stuck behind others: the asker tries again.
inline constexpr auto read_timeout = std::chrono::seconds(10);

/// As `read`, for what goes no further than to the store again: what was committed last may not be on the disk yet.
template <class Self, class Query, class Then>
void read_ahead(Self* self, const store_reader_actor& reader, Query query, Then then) {
  using answer_type = std::invoke_result_t<Query, storage::read_session&>;
  self
    ->request(reader, read_timeout,
              read_query{[query = std::move(query)](storage::read_session& session) mutable -> std::any {
                return query(session);
              }})
    .then([then](read_answer& answer) mutable { then(std::any_cast<answer_type>(std::move(answer.value))); },
          [then](const caf::error&) mutable {
            then(answer_type(failure(error_code::unavailable, "the store did not answer a read in time")));
          });
}

/// Asks `reader` from inside an actor: `read(self, reader, [](storage::read_session& db) { return db.jobs().find(id); },
/// [](result<job_record> found) {...})`. The closure returns a result<T>; `then` gets it, or `unavailable` when no
/// answer came in time.
template <class Self, class Query, class Then>
void read(Self* self, const store_reader_actor& reader, Query query, Then then) {
  read_ahead(
    self, reader,
    [query = std::move(query)](storage::read_session& session) mutable {
      return storage::once_durable(session, query(session));
    },
    std::move(then));
}

} // namespace penstock::actors
