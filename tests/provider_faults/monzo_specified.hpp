#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/integration_state.hpp"
#include "core/run_state.hpp"
#include "messages/job.hpp"
#include "tests/provider_faults/sandbox_line.hpp"

/// What is specified of each fault before each request of the Monzo connector, apart from how it is brought about.
namespace penstock::provider_faults {

/// What a fault is to a client that is told to behave.
enum class manner {
  harmless, ///< it sees nothing
  passes,   ///< worth another try
  shape,    ///< an answer that is none: trying again cannot help
  expiry,   ///< a new token helps
  end       ///< the consent is gone
};

struct fault_case {
  fault what;
  manner means = manner::passes;
  error_code code = error_code::none;
  duration retry_after{0};
};

/// Those that the sandbox can give.
[[nodiscard]] std::vector<fault_case> all_faults();

/// The job that tells Monzo where to send webhooks.
inline const std::string webhook_look = "monzo.webhook_registration";

/// A request that the connector makes, and how to bring it about.
struct asking {
  const char* name;
  const char* method;
  const char* path;   ///< begins so
  const char* having; ///< in its target
  std::string kind;   ///< of the job that makes it
  enum class stage { first_sync, later_sync, new_address, delivery, old_token } when;
};

/// What was seen of one fault.
struct outcome {
  std::size_t struck = 0, refreshes = 0;
  std::size_t after_refresh = 0;        ///< requests behind the last one for tokens
  std::vector<duration> waits;          ///< within attempts
  std::vector<duration> gaps;           ///< between attempts, as the provider saw them
  std::vector<attempt_error> errors;    ///< of the jobs that made the request
  std::vector<std::string> failed_jobs; ///< their kinds
  std::optional<run_state> run;
  integration_status status = integration_status::idle;
  std::size_t alerts = 0; ///< events integration.requires_reauth
  bool whole = false;     ///< the tables are a faithful copy
  std::string log;        ///< lines of the jobs' own logs
};

[[nodiscard]] std::string in_words(const outcome& seen);

/// Fails the test unless what was seen is what is specified. `lasts`: the fault met every try, else one.
void judge(const asking& asked, const fault_case& met, bool lasts, const outcome& seen);

} // namespace penstock::provider_faults
