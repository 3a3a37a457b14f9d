#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/ids.hpp"
#include "core/time.hpp"
#include "messages/unit_of_work.hpp"
#include "storage/node_membership.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// The ids in `slots.jobs`.
[[nodiscard]] std::vector<job_id> parse_slot_jobs(std::string_view text);

/// Which jobs this node's worker slots run: the table `slots` and its image in the writer's memory. One row is written
/// for a claim, however many jobs it names. Other nodes' rows stand beside them.
class slot_table {
public:
  /// `node`: whose slots; null where nobody shares the database.
  slot_table(session& db, const node_membership* node);

  /// Reads this node's rows. Once, before anything else.
  void load();

  /// Writes a claim inside the transaction, which stands for the moment `now`.
  void claim(std::int64_t queue, const slot_claim& claim, timestamp now);

  /// The number of this node's first slot.
  [[nodiscard]] std::int64_t first() const noexcept { return first_; }

  /// Whether a slot of any node names the job. It looks through all slots: not for each job.
  [[nodiscard]] bool holds(job_id id);

  /// The same, and until this transaction ends no other node claims a job of its queue.
  [[nodiscard]] bool holds_until_commit(job_id id);

  /// Whether one of this node's slots names it. For each job.
  [[nodiscard]] bool is_own(job_id id) const noexcept { return !shared_ || own_.contains(id); }

  /// Whether a job that this node's slots do not name is another's to run: it holds it, or is to find out whether the
  /// job kills processes.
  [[nodiscard]] bool is_anothers(job_id id);

  /// All slots are free: after recovery has emptied the table.
  void clear() noexcept;
  /// Another node has taken this one's place for dead, and its jobs: what they still say is not heard.
  void lose();

  /// The database did not take a claim that was to replace what this slot held, and took that one's end: the slot holds
  /// nothing any more, though its row still says so. The next transaction that claims empties the row first, so that no
  /// two rows name one job. Between transactions.
  void give_up(std::int64_t queue, std::uint16_t slot);

  void commit() noexcept;
  void rollback();

private:
  using place = std::pair<std::int64_t, std::int64_t>; // queue, slot

  [[nodiscard]] bool is_elsewhere(job_id id);
  void empty_stale_rows(timestamp now);
  void write(const place& where, const std::vector<job_id>& jobs, bool alone, timestamp now);
  std::vector<job_id> replace(std::vector<job_id>& held, std::vector<job_id> jobs);

  session& db_;
  const std::int64_t first_;
  const bool shared_;
  std::map<place, std::vector<job_id>> slots_;
  /// How many of slots_ name a job: two do where a queue read a job from the store that was just given to another slot. Kept
  /// where nodes share a database.
  std::unordered_map<job_id, std::uint32_t> own_;
  std::unordered_set<job_id> lost_;                         // taken by another node and not claimed again since
  std::vector<std::pair<place, std::vector<job_id>>> undo_; // what claims of this transaction replaced
  std::set<place> stale_;                                   // given up: their rows name what has ended
  bool stale_are_emptied_ = false;                          // in this transaction
};

} // namespace penstock::storage
