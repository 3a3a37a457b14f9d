#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/backoff.hpp"
#include "core/error.hpp"
#include "core/ids.hpp"
#include "core/job_state.hpp"
#include "core/progress.hpp"
#include "core/time.hpp"

namespace penstock {

/// Largest `args` of a job, in bytes. What is larger is a payload.
inline constexpr std::size_t max_args_bytes = 256 * 1024;

/// What somebody wants done. Absent values are the kind's (see job_kind).
struct job_request {
  std::string kind;
  std::string args = "{}"; ///< a JSON object, at most max_args_bytes
  std::string queue;       ///< empty: the kind's queue
  std::uint8_t priority = 5; ///< 0 first ... 9 last
  timestamp run_at = no_time; ///< no_time: at once
  std::optional<std::uint16_t> max_attempts; ///< runs in all, the first one included
  std::optional<backoff_policy> backoff;
  std::optional<duration> timeout;
  std::string unique_key; ///< empty: not unique; scoped to organisation and kind
  /// The key is held at least this long from now on, also when the job has ended before.
  std::optional<duration> unique_for;
  /// If another job holds the key, that one runs once more when it has ended; absent: as its kind says.
  std::optional<bool> once_more;
  /// A path such as organisation/credential/stream (core/group_path.hpp): tenants take turns, a credential shares its
  /// provider's budget, and of a stream jobs run one at a time, in the order of their ids: one that waits for its retry
  /// holds back those behind it. Empty: the credential that the kind's args name, or the organisation.
  std::string group_key;
  std::string stream; ///< the stream of pages that the job belongs to; stopped with it
  integration_id integration{};
  organisation_id organisation{};
  run_id run{};
  job_id parent{}; ///< awaits this job, if its own work is done before
  std::string triggered_by; ///< "api", "schedule:NAME", "job:ID", "user:NAME", ...
  std::string trace_id;
  bool keep_bodies = false; ///< the bodies of its HTTP exchanges are kept with it
  std::string payload; ///< a page or a body; kept apart from the row, removed when the job completes
  /// The beginning of its payload was stored ahead under this id, which becomes the job's: `payload` is the rest. Its
  /// unit must hold take_staged_body. 0: nothing was.
  job_id staged{};
};

/// Where a waiting job stands in its queue. Jobs run in this order.
struct queue_place {
  std::uint8_t priority = 0;
  timestamp run_at = no_time;
  job_id id{};
  friend auto operator<=>(const queue_place&, const queue_place&) = default;
};

/// What a queue must know of a job to run it: a waiting row, as the store hands it on after the commit.
struct ready_job {
  job_id id{};
  std::string queue;
  std::string kind;
  std::string args;
  std::uint8_t priority = 5;
  timestamp run_at = no_time;
  std::uint16_t attempts = 0; ///< attempts that have ended; the next run is attempt `attempts + 1`
  std::optional<std::uint16_t> max_attempts;
  std::optional<backoff_policy> backoff;
  std::optional<duration> timeout;
  std::string group_key;
  std::string stream;
  integration_id integration{};
  organisation_id organisation{};
  run_id run{};
  job_id parent{};
  std::string trace_id;
  bool has_payload = false; ///< the payload lies in the store: load it before the handler starts
  bool in_order = false;    ///< jobs of its group run one at a time
  bool tied = false;        ///< something hangs on its end: its payload, key, run, parent or children
  bool keep_bodies = false; ///< the bodies of its HTTP exchanges are kept
  bool fresh = false;       ///< as news of a commit: enqueued by it, so that nobody has heard of the job yet

  [[nodiscard]] queue_place place() const noexcept { return {priority, run_at, id}; }
};

/// One attempt that went wrong.
struct attempt_error {
  std::uint16_t attempt = 0;
  error_code code = error_code::internal;
  error_class cls = error_class::retryable;
  std::string message;
  timestamp at = no_time;
  std::string node;
};

/// Counts of the children of a job that awaits them.
struct child_counts {
  std::int64_t open = 0, completed = 0, failed = 0, cancelled = 0;
};

/// All that is known of a job, for show.
struct job_record {
  ready_job job;
  job_state state = job_state::waiting; ///< active when a worker slot holds it
  std::string unique_key;
  std::string triggered_by;
  std::string result; ///< JSON, empty if none
  std::optional<progress> latest_progress;
  child_counts children;
  std::vector<attempt_error> errors;
  timestamp created_at = no_time, started_at = no_time, finished_at = no_time;
};

/// One try of an HTTP request that a fetch job made. Secrets are removed before it is built.
struct http_exchange {
  job_id job{};
  std::uint16_t attempt = 0;
  std::uint16_t request_number = 0; ///< which request of the attempt, from 1
  std::uint16_t try_number = 1;     ///< which try of that request
  std::string method, url;
  int status = 0;           ///< 0: no answer
  std::string error;        ///< why there was none
  duration took{};
  std::int64_t request_bytes = 0, response_bytes = 0;
  timestamp at = no_time;
  std::string request_body, response_body; ///< only if the job asks for them; secrets removed, cut at 64 KB
};

enum class log_line_level : std::uint8_t { debug, info, warn, error };
[[nodiscard]] constexpr std::string_view to_string(log_line_level level) noexcept {
  constexpr std::string_view names[] = {"debug", "info", "warn", "error"};
  return names[static_cast<std::size_t>(level) & 3];
}

/// A line that a handler wrote about its job, kept with it. For people, without secrets.
struct job_log_line {
  job_id job{}; ///< 0: the job whose attempt ends
  std::uint16_t attempt = 0;
  timestamp at = no_time;
  log_line_level level = log_line_level::info;
  std::string message;
};

} // namespace penstock
