#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "connectors/catalogue.hpp"
#include "connectors/testing/memory_tables.hpp"
#include "connectors/testing/scripted_tokens.hpp"
#include "connectors/testing/scripted_webhooks.hpp"
#include "core/manual_clock.hpp"

namespace penstock::connectors::testing {

/// One attempt that went wrong.
struct failed_attempt {
  std::string kind;
  int attempt = 1;
  error problem;
};

/// What a run did.
struct run_report {
  std::vector<failed_attempt> failures;
  std::size_t jobs_completed = 0, jobs_failed = 0, jobs_dropped = 0;
  row_counts rows;
  std::vector<row_error> row_errors;
  std::vector<std::string> results;
  std::vector<std::string> log; ///< lines of the jobs' own logs
  /// Everything that would be stored or shown: args, keys, cursors, gaps, messages, results. No secret may be in it.
  std::vector<std::string> texts;
  /// What the engine would have refused or never ended: a bug of the connector.
  std::vector<std::string> violations;

  [[nodiscard]] bool clean() const { return failures.empty() && violations.empty() && row_errors.empty(); }
};

/// In which order waiting jobs run.
enum class job_order {
  as_enqueued,
  fetch_first ///< process jobs only when nothing is left to fetch: the fetched cursor runs far ahead
};

/// Runs a connector's jobs to their end, in memory, with the engine's rules for attempts, groups, streams and cursors,
/// and without the engine. Time passes by the retries' delays and the times before which jobs may not run, alone.
class run_driver {
public:
  /// `service` may be empty for a connector that has none.
  run_driver(connector subject, std::string service, timestamp now);

  /// A whole run from the service's first jobs on.
  run_report run(net::http_client& provider, job_order order = job_order::as_enqueued);
  /// The same from these jobs.
  run_report run(net::http_client& provider, std::vector<job_request> first, job_order order = job_order::as_enqueued);

  manual_clock clock;
  scripted_tokens tokens;
  integration account;
  memory_tables tables;
  std::map<std::string, stream_cursor> cursors;
  /// Where the integration's webhooks are taken; null: nowhere.
  scripted_webhooks* webhooks = nullptr;

private:
  struct waiting_job;
  class pass;

  catalogue catalogue_;
  std::string service_;
  std::int64_t last_id_ = 1000;
};

} // namespace penstock::connectors::testing
