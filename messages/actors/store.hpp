#pragma once

#include <any>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "messages/actors/announce.hpp"
#include "messages/unit_of_work.hpp"

namespace penstock::storage {
class read_session;
}

namespace penstock::actors {

/// The store's word on a commit_request: what it names is durable (or refused) when this is sent.
struct commit_answer {
  std::uint64_t token = 0;
  std::vector<unit_result> units;     ///< one for each unit, in order
  std::optional<error> failed;        ///< nothing was stored: the database is busy, full or lost
  std::optional<error> claims_failed; ///< the units are as they say, but the claims are not stored
  std::vector<unit_of_work> returned; ///< with `failed`: what was asked, so that it can be asked again
  std::vector<slot_claim> returned_claims;
  std::vector<job_id> not_claimed{}; ///< of the claims: another node has them, or ran them; the rest is claimed
};

/// A node that shares the database is silent for longer than its lease: take its place and its jobs.
struct take_over_node {
  std::int64_t node = 0;
};

/// Asks for a group of independent units and claims to be made durable. `token` comes back with the answer; answers
/// are plain messages rather than replies, since a CAF request arms a timer that lives as long as its timeout.
struct commit_request;

/// Units that were submitted by others than actors (actors/commit_port.hpp). Told once for all that come before the writer
/// takes them.
struct units_submitted;

/// From now on, jobs of that queue go to this actor after their commit; it hears so by a first, empty `jobs_ready`. A
/// null handle detaches.
struct attach_queue;

/// Jobs that may run, from the store after their commit (also those whose run_at is to come).
struct jobs_ready {
  std::vector<ready_job> jobs;
};

/// New jobs that the store gave to a slot which the queue had left open. They may start.
struct jobs_given {
  commit_news::gift gift;
};

/// From the store, after a commit: no job of these prefixes may start before their time.
struct groups_blocked {
  std::vector<commit_news::block> blocks;
};

/// From the store writer to the log keeper: what to tell of a transaction once it is durable.
struct stored_group;

/// Whether the database takes writes: if the last commit failed for its sake, the writer tries again before it answers.
struct writes_query {};
struct writes_state {
  std::optional<error> refused; ///< why it does not
};

/// Reads on a reader thread. The closure must not throw and must not keep the session.
struct read_task {
  std::function<void(storage::read_session&)> run;
};

/// A read whose outcome comes back as a reply; see actors/read.hpp for the typed form.
struct read_query {
  std::function<std::any(storage::read_session&)> run;
};
struct read_answer {
  std::any value;
};

} // namespace penstock::actors

PENSTOCK_LOCAL_MESSAGE(penstock::actors::commit_answer)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::take_over_node)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::commit_request)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::units_submitted)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::attach_queue)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::jobs_ready)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::jobs_given)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::groups_blocked)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::stored_group)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::writes_query)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::writes_state)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::read_task)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::read_query)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::read_answer)

namespace penstock::actors {

/// Role of whoever commits.
using commit_client_actor = caf::typed_actor<caf::reacts_to<commit_answer>>;

/// Role of whoever takes jobs from the store: a queue.
using job_taker_actor =
  caf::typed_actor<caf::reacts_to<jobs_ready>, caf::reacts_to<jobs_given>, caf::reacts_to<groups_blocked>>;

struct attach_queue {
  std::string name;
  job_taker_actor queue;
};

struct commit_request {
  /// One that is heavier (unit_of_work::weight) is large, and waits for its turn behind other large ones.
  static constexpr std::size_t small_bytes = 64 * 1024;

  std::uint64_t token = 0;
  std::vector<unit_of_work> units;
  std::vector<slot_claim> claims;
  commit_client_actor reply_to; ///< null: nobody waits, unless `answer` is set
  /// Where no actor asks: called once instead, on the thread of whoever tells the answers; it must hand over, not work.
  /// Destroyed uncalled where the store ends first.
  std::function<void(commit_answer&&)> answer{};
};

/// Where submitted units wait for the store writer.
class submitted_units {
public:
  virtual ~submitted_units() = default;

  struct portion {
    commit_request small;              ///< all units that are not large, in their order
    std::vector<commit_request> large; ///< one unit each, in their order
    bool is_all = true;                ///< false: the writer is to take the rest for its next transaction
  };
  /// All small units that wait, and of the large ones up to `most_large_bytes`, or one. On the store writer's thread. Where
  /// that is all, the next unit to come is told of again.
  [[nodiscard]] virtual portion take(std::size_t most_large_bytes) = 0;
};

struct units_submitted {
  std::shared_ptr<submitted_units> from;
};

struct stored_group {
  struct told_answer {
    commit_client_actor to;
    std::function<void(commit_answer&&)> call; ///< where `to` is null
    commit_answer answer;
  };
  std::vector<told_answer> answers;
  commit_news news;
  bool reconnected = false; ///< news of earlier ones may be missing
};

/// LOG KEEPER: waits for the disk, then tells what the store writer committed, in its order.
using log_keeper_actor = caf::typed_actor<caf::reacts_to<stored_group>, caf::reacts_to<attach_queue>,
                                          caf::replies_to<writes_query>::with<writes_state>>;

/// STORE WRITER: the only actor that writes. Commits together what waits in its mailbox and what others submitted;
/// answers, then tells the queues and the event bus what is new.
using store_writer_actor =
  caf::typed_actor<caf::reacts_to<commit_request>, caf::reacts_to<units_submitted>, caf::reacts_to<attach_queue>,
                   caf::reacts_to<take_over_node>, caf::replies_to<writes_query>::with<writes_state>>;

/// STORE READER: reads committed data on a thread of its own.
using store_reader_actor = caf::typed_actor<caf::reacts_to<read_task>, caf::replies_to<read_query>::with<read_answer>>;

} // namespace penstock::actors
