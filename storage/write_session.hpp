#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "messages/unit_of_work.hpp"

namespace penstock::storage {

/// Units and claims of one sender. The units of a batch are independent of each other: each is all or nothing.
struct write_batch {
  std::vector<unit_of_work> units;
  std::vector<slot_claim> claims;
};

struct write_batch_result {
  std::vector<unit_result> units; ///< one for each unit, in order
  /// Set when no unit of the batch (of claims alone: no claim) is stored because the database failed (busy, full,
  /// lost): ask the whole batch again, claims too.
  std::optional<error> failed;
  /// Set when units are stored or refused as `units` says, but the claims are not stored, because the database failed.
  std::optional<error> claims_failed;
  /// Jobs of the claims that are not this node's to run: another node has them, or had them first. Not stored.
  std::vector<job_id> not_claimed;
};

struct group_result {
  std::vector<write_batch_result> batches; ///< one for each batch, in order
  commit_news news;
  /// The connection was lost and is opened anew: news of what was stored meanwhile may be missing.
  bool reconnected = false;
};

/// What a start finds: jobs that were running when the last process ended without saying goodbye.
struct recovery_report {
  struct suspect {
    job_id id{};
    std::string queue;
    int deaths = 0; ///< deaths of the process while it ran alone
  };
  std::vector<suspect> suspects;   ///< in the order in which they take their turns
  bool taken_over = true;          ///< false: the other node lives, or cannot be judged yet
  std::vector<job_id> crashed;     ///< failed by this recovery: three deaths alone
  std::vector<std::string> queues; ///< names of all queues that hold waiting jobs or were paused
  commit_news news;                ///< what others must hear of because jobs crashed
};

/// The only way to write. Runs on one thread (the store actor's), but for make_durable.
class write_session {
public:
  virtual ~write_session() = default;

  /// Group commit: everything in one transaction, run bare; if it fails through a unit's own fault, it is rolled back
  /// and halved until the bad unit stands alone. Trouble of the disk, of memory or of locks is charged to no unit. Answers may be sent once this returns. The texts of requests that were stored are moved into
  /// the news; what was not stored stays as it was.
  [[nodiscard]] virtual group_result commit(std::span<write_batch> batches) = 0;

  /// The same without waiting for the disk, where that can be done apart. What it says may leave the store only after a
  /// `make_durable` that began after this returned, but for what leads to nothing but a later commit.
  [[nodiscard]] virtual group_result commit_ahead(std::span<write_batch> batches) { return commit(batches); }

  /// Whether `commit_ahead` leaves anything to `make_durable`.
  [[nodiscard]] virtual bool syncs_apart() const noexcept { return false; }

  /// What `commit_ahead` stored before survives a power cut when this returns. May be called on any thread. If it
  /// fails the node must end: what was stored last may be lost, and nothing was told.
  [[nodiscard]] virtual result<void> make_durable() { return {}; }

  /// Whoever left slots of this queue open is gone: nothing more is given to them.
  virtual void close_slots_of(const std::string& /*queue*/) noexcept {}

  /// Commits a small change that leaves nothing, to find out whether the database takes writes and has room for larger
  /// ones; its error if not.
  [[nodiscard]] virtual result<void> try_write() = 0;

  /// Reads the slots of the process before, turns their jobs into suspects, frees the slots. Its cost does not grow
  /// with the backlog. Called once, before anything else runs. Suspects that an earlier start found and that were not
  /// cleared are told again.
  [[nodiscard]] virtual result<recovery_report> recover() = 0;

  /// The same for another node whose lease is over: what it ran are this node's suspects now, and whatever it still
  /// does is refused. An empty report if it lives after all, or was taken over already.
  [[nodiscard]] virtual result<recovery_report> take_over(std::int64_t node) = 0;
};

} // namespace penstock::storage
