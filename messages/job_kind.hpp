#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/backoff.hpp"
#include "core/time.hpp"
#include "core/token_bucket.hpp"

namespace penstock {

/// Where a kind's handler runs.
enum class handler_style : std::uint8_t {
  fetch,   ///< a coroutine on the network threads: may await requests, sleeps and reads
  process, ///< a plain function on the processor pool: parses, computes, never waits
  engine   ///< an actor of the engine itself
};

/// After so many calls of a run to its provider nothing of its credential is called for a while.
struct call_pause {
  std::int64_t calls = 0;
  duration pause{};
};

/// A kind of job and what holds for its jobs unless they say otherwise.
struct job_kind {
  std::string name; ///< "monzo.transaction_pull"
  std::string queue = "default";
  handler_style style = handler_style::process;
  std::uint16_t max_attempts = 1; ///< runs in all
  backoff_policy backoff{};
  duration timeout = std::chrono::seconds(60);
  /// The argument that names the credential whose budget its jobs spend (an integration's id); they belong to the group
  /// organisation/credential then. Empty: none.
  std::string credential_arg{};
  /// How many jobs a provider lets run on one credential, in all nodes together; learned blocks come on top.
  std::optional<token_rate> budget{};
  std::optional<call_pause> pause_after{};
  std::uint16_t credential_at_once = 0; ///< jobs of one credential at once on a node; 0: no rule
  /// A job whose key another one holds makes that one run once more, unless its request says otherwise.
  bool once_more = false;
  /// Its handler touches nothing but what its args hold, so that callers who are bound to an organisation may enqueue it:
  /// args of other kinds may name what belongs to another.
  bool self_contained = false;
  /// The handler takes microseconds and never waits, so that many jobs may share one hand-over to a worker.
  bool brief = false;

  /// The classes of jobs that the system documents name, with their retries, delays and timeouts.
  [[nodiscard]] static job_kind fetch(std::string name);
  [[nodiscard]] static job_kind process(std::string name);
  [[nodiscard]] static job_kind init(std::string name);
  [[nodiscard]] static job_kind webhook(std::string name);
};

/// The kinds known to this node. Constant after start, so that threads may read it freely.
class job_kind_catalogue {
public:
  /// Adds a kind; a second one of the same name is a bug of the caller and throws std::invalid_argument.
  void add(job_kind kind);
  /// nullptr: unknown.
  [[nodiscard]] const job_kind* find(std::string_view name) const noexcept;
  [[nodiscard]] std::vector<std::string> names() const;

private:
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_map<std::string, job_kind, text_hash, std::equal_to<>> kinds_;
};

} // namespace penstock
