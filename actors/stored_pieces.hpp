#pragma once

#include <utility>

#include "connectors/connector.hpp"
#include "messages/actors/store.hpp"

namespace penstock::actors {

/// The payload of a job, read from the store piece by piece, for a handler that has a thread of its own to wait on. The
/// reader has another.
class stored_pieces final : public connectors::payload_pieces {
public:
  stored_pieces(store_reader_actor reader, job_id job) : reader_(std::move(reader)), job_(job) {}

  /// Waits at most `read_timeout`.
  [[nodiscard]] result<std::optional<piece>> read(std::int64_t from) override;

private:
  const store_reader_actor reader_;
  const job_id job_;
};

} // namespace penstock::actors
