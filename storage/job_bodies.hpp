#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "storage/job_ties.hpp"
#include "storage/read_session.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// A job's payload, put together from its pieces. nullopt: the job has none.
[[nodiscard]] std::optional<std::string> read_payload(session& db, std::int64_t job);

/// The first piece of a job's payload from number `from` on.
[[nodiscard]] std::optional<payload_piece> read_piece(session& db, std::int64_t job, std::int64_t from);

/// Args that lie apart from their row.
[[nodiscard]] std::string read_args(session& db, std::int64_t job);

} // namespace penstock::storage
