#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "gateway/node_port.hpp"
#include "storage/read_session.hpp"

namespace penstock::gateway {

/// The states that people see: a waiting job whose time is to come is `delayed` to them. False: there is none of that name.
[[nodiscard]] bool set_shown_state(storage::job_filter& filter, std::string_view name, timestamp now);

enum class bulk_action : std::uint8_t { retry, cancel };

/// What became of the jobs that a filter fits.
struct bulk_counts {
  std::int64_t matched = 0, done = 0;
  std::int64_t refused = 0; ///< somebody was quicker, or the store has a reason
  std::string refusal{};    ///< why, of the first one
  bool more = false;        ///< others fit too: ask again
};

/// Retries or cancels the jobs that `filter` fits, in small batches, at most 10,000 in one call. Only failed jobs are
/// retried, only jobs that have not ended are cancelled: the filter's state is narrowed to those. `preview`: counts alone.
[[nodiscard]] net::asio::awaitable<result<bulk_counts>>
act_on_jobs(node_port& port, bulk_action action, storage::job_filter filter, std::string reason, bool preview);

} // namespace penstock::gateway
