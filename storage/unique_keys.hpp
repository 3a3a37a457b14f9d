#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/ids.hpp"
#include "core/time.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// Who holds which unique key (core/unique_key.hpp): a job until it ends, and at least for the period that it asked for.
class unique_keys {
public:
  explicit unique_keys(session& db);
  ~unique_keys();

  /// The holder of the key from now on: the newcomer, unless another job holds it.
  [[nodiscard]] job_id take(const std::string& key, job_id newcomer, const std::optional<duration>& period,
                            timestamp now);
  /// The job has ended: the key is free, at the end of its period.
  void release(const std::string& key, job_id job, timestamp now);
  /// Somebody else wanted the same: the holder runs once more when it has ended. False: it has ended already.
  bool note_once_more(job_id holder);
  /// Removes keys that were kept for a period that is over, of jobs that have ended; at most `limit`.
  void sweep(timestamp now, std::int64_t limit);

private:
  struct statements;
  std::unique_ptr<statements> sql_;
  session& db_;
};

} // namespace penstock::storage
