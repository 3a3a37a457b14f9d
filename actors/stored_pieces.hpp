#pragma once

#include <utility>

#include "connectors/connector.hpp"
#include "messages/actors/store.hpp"

namespace penstock::actors {

/// The payload of a job or, where it has none, of its parent, read from the store piece by piece, for a handler that has a
/// thread of its own to wait on. The reader has another.
class stored_pieces final : public connectors::payload_pieces {
public:
  stored_pieces(store_reader_actor reader, const ready_job& job)
      : reader_(std::move(reader)), job_(owner_of(job)), is_parents_(!job.has_payload && job.parent) {}

  /// Where its payload lies; 0: it has none.
  [[nodiscard]] static job_id owner_of(const ready_job& job) noexcept { return job.has_payload ? job.id : job.parent; }

  /// Waits at most `read_timeout`. `not_found`: the parent's payload is gone.
  [[nodiscard]] result<std::optional<piece>> read(std::int64_t from) override;

private:
  const store_reader_actor reader_;
  const job_id job_;
  const bool is_parents_;
};

} // namespace penstock::actors
