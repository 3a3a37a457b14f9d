#pragma once

#include <optional>

#include "connectors/connector.hpp"

/// The kinds that tests, benchmarks and outside checks drive. Each checks its args and refuses others with
/// invalid_argument, saying what is allowed.
namespace penstock::connectors::probe {

/// probe.noop {}: completes.
[[nodiscard]] job_handler noop();
/// probe.sleep {ms}: waits without using the processor; reports progress once a second.
[[nodiscard]] job_handler sleep();
/// probe.spin {ms}: keeps a processor thread busy and never looks whether it was told to stop.
[[nodiscard]] job_handler spin();
/// probe.fail {class, times}: fails in its first `times` attempts (absent: in all). `class` is "retryable", "final",
/// "postponed" or the name of an error code, which brings its own class.
[[nodiscard]] job_handler fail();
/// probe.crash {}: kills the process at once, as a power cut of it alone.
[[nodiscard]] job_handler crash();
/// probe.append {key}: adds a row to probe_effects, whatever is there already.
[[nodiscard]] job_handler append();
/// probe.chain {n}: enqueues probe.chain {n - 1} in the same queue, until 0: n + 1 jobs in all.
[[nodiscard]] job_handler chain();
/// probe.tree {children, failures}: enqueues that many children, `failures` of which fail for good, and awaits them.
[[nodiscard]] job_handler tree();
/// What probe.call's calls are held to, as a provider's documents would ask for.
struct call_rules {
  std::optional<token_rate> budget{};      ///< of each credential
  std::optional<call_pause> pause_after{}; ///< of each credential
};
/// probe.call {url, credential}: GETs the URL and keeps status and size as result; `credential` is the id of the
/// integration whose token is sent, absent for none.
[[nodiscard]] job_handler call(const call_rules& rules = {});

/// probe.delivery: what a webhook to the service `probe` becomes. Adds a row to probe_effects that says how long the body
/// was and what its SHA-256 is.
[[nodiscard]] job_handler delivery();
struct webhook_rules {
  net::webhook_scheme signature = net::webhook_scheme::none;
  std::string shared_secret{};
};
/// A service that takes webhooks and fetches nothing. Without signatures, X-Probe-Delivery names a delivery.
[[nodiscard]] service webhook_service(const webhook_rules& rules);

/// probe_effects(key, job_id, at): a row for each effect, without any key, so that a doubled effect shows.
inline constexpr std::string_view effects_table = "probe_effects";

} // namespace penstock::connectors::probe
