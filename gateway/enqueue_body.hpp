#pragma once

#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/time.hpp"
#include "messages/job.hpp"

namespace penstock::gateway {

/// Most jobs that one request may bring.
inline constexpr std::size_t most_jobs_at_once = 10'000;

struct enqueue_body {
  std::vector<job_request> jobs;
  bool is_array = false; ///< the answer is a list too
};

/// Reads what POST /api/v1/executions takes: one job or an array of them. In one pass, and args go on as the text that
/// came. invalid_argument names the item (from 1) and the field. Whether kind, queue and args can be is the store's to
/// say. `body` gets room for the parser behind its end; its text stays.
[[nodiscard]] result<enqueue_body> read_enqueue_body(std::string& body, timestamp now);

} // namespace penstock::gateway
