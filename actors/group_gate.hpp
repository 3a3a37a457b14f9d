#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/token_bucket.hpp"
#include "messages/engine_change.hpp"
#include "messages/job.hpp"
#include "messages/job_kind.hpp"

namespace penstock::actors {

/// How many jobs of one prefix a node runs at once in a queue; 0: as many as there are slots.
struct group_limits {
  std::uint16_t tenant = 0, credential = 0;
};

/// Which groups may run a job now: one job of a stream at a time, no more of a tenant or credential than the rules
/// say, none of a credential that its provider has blocked or whose budget is empty. What it knows of shared budgets is
/// an image: each spending is committed with the claim, and its answer (`learned`) brings what others spent. For one
/// thread.
class group_gate {
public:
  group_gate(group_limits limits, const job_kind_catalogue& kinds) : limits_(limits), kinds_(kinds) {}

  /// What keeps a job from running.
  struct closure {
    std::string prefix;
    timestamp until = no_time; ///< no_time: until a job of the prefix leaves
  };
  [[nodiscard]] std::optional<closure> closed_for(const ready_job& job, timestamp now) const;

  /// The job takes a slot, and a token of its credential's budget.
  void enter(const ready_job& job, timestamp now);
  /// The attempt is over and its calls are being counted: nothing of its credential starts meanwhile.
  void count(const ready_job& job);
  /// The job has left its slot. Prefixes that may be open now.
  [[nodiscard]] std::vector<std::string> leave(const ready_job& job);

  /// A provider, or a rule, wants no call of this prefix before `until`.
  void block(const std::string& prefix, timestamp until);
  [[nodiscard]] timestamp blocked_until(const std::string& prefix) const;
  /// What was spent here since the last time, to be committed with the claim.
  [[nodiscard]] std::vector<spend_tokens> take_spendings();
  /// What the store says of a shared budget.
  void learned(const std::string& prefix, const token_bucket::snapshot& state);

private:
  struct budget {
    token_bucket bucket;
    std::int64_t unwritten = 0;
  };
  [[nodiscard]] const job_kind* kind_of(const ready_job& job) const { return kinds_.find(job.kind); }
  /// Whether its jobs ask a provider: what was fetched is stored also while the provider wants to be left alone.
  [[nodiscard]] static bool may_call(const job_kind* kind) noexcept;
  [[nodiscard]] std::uint16_t most_at_once(std::size_t depth, const job_kind* kind) const noexcept;

  const group_limits limits_;
  const job_kind_catalogue& kinds_;
  std::unordered_map<std::string, std::uint32_t> running_; ///< by prefix
  std::unordered_set<std::string> counting_;
  std::unordered_map<std::string, timestamp> blocks_;
  std::unordered_map<std::string, budget> budgets_;
  std::vector<std::string> spent_; ///< prefixes with something unwritten
};

} // namespace penstock::actors
