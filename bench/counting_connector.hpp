#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "bench/job_counter.hpp"
#include "connectors/connector.hpp"

namespace penstock::bench {

inline constexpr const char* queue_name = "bench";
inline constexpr const char* featured_queue = "featured";
inline constexpr const char* featured_kind = "bench.featured";

/// Kinds whose handlers parse their arguments and count: `bench.count`, and `bench.fetch`, which also enqueues one
/// `bench.count`. A job whose arguments have a `t` (microseconds of the system clock) tells how late it began. Both are
/// brief: up to 256 such jobs share a hand-over to a worker and a commit. `bench.featured` also logs, and tells of its
/// progress.
[[nodiscard]] connectors::connector counting_connector(std::shared_ptr<job_counter> counter);

/// About 200 bytes of arguments: an integration, a kind, a cursor. `stamp` 0: none.
[[nodiscard]] std::string sample_args(std::int64_t number, std::int64_t stamp = 0);

} // namespace penstock::bench
