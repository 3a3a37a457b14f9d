#pragma once

#include <memory>

#include "messages/unit_of_work.hpp"
#include "storage/plain_inserter.hpp"
#include "storage/unique_keys.hpp"
#include "storage/write_state.hpp"

namespace penstock::storage {

/// Adds jobs inside the transaction in flight.
class job_enqueuer {
public:
  explicit job_enqueuer(write_state& state);
  ~job_enqueuer();

  /// Adds a job that request_check found good. `request` stays in place until the news are taken. What becomes of it:
  /// inserted; a duplicate of the job that holds its unique key; or dropped, since its stream was stopped or its run
  /// was cancelled.
  /// A plain job may be written later: see `flush`.
  [[nodiscard]] enqueued add(job_request& request, const job_kind& kind);

  /// Writes what `add` has put off. Before the end of the transaction, and before anything else looks at jobs.
  void flush() { plain_.flush(); }
  /// Forgets what `add` has put off: the transaction is undone.
  void discard() noexcept { plain_.discard(); }

private:
  struct statements;

  enqueued add_tied(job_request& request, std::int64_t queue, const job_kind& kind, std::int64_t kind_number,
                    const std::string& queue_name);
  [[nodiscard]] bool dropped(const job_request& request);
  [[nodiscard]] bool is_first_of_group(std::int64_t queue, const std::string& group);
  void count_child(job_id parent);

  write_state& state_;
  plain_inserter plain_;
  unique_keys keys_;
  std::unique_ptr<statements> sql_;
};

} // namespace penstock::storage
