#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "core/ids.hpp"
#include "core/time.hpp"
#include "messages/unit_of_work.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// The ids in `slots.jobs`.
[[nodiscard]] std::vector<job_id> parse_slot_jobs(std::string_view text);

/// Which jobs the worker slots run: the table `slots` and its image in the writer's memory. One row is written for a
/// claim, however many jobs it names.
class slot_table {
public:
  explicit slot_table(session& db) : db_(db) {}

  /// Reads the table. Once, before anything else.
  void load();

  /// Writes a claim inside the transaction, which stands for the moment `now`.
  void claim(std::int64_t queue, const slot_claim& claim, timestamp now);

  /// Whether a slot names the job. It looks through all slots: not for each job.
  [[nodiscard]] bool holds(job_id id) const noexcept;

  /// All slots are free: after recovery has emptied the table.
  void clear() noexcept;

  void commit() noexcept { undo_.clear(); }
  void rollback();

private:
  using place = std::pair<std::int64_t, std::int64_t>; // queue, slot

  session& db_;
  std::map<place, std::vector<job_id>> slots_;
  std::vector<std::pair<place, std::vector<job_id>>> undo_; // what claims of this transaction replaced
};

} // namespace penstock::storage
