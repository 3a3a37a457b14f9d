#include "actors/group_gate.hpp"

#include <algorithm>

#include "core/group_path.hpp"

namespace penstock::actors {
namespace {

/// Blocks and budgets are kept for as many prefixes; what is over goes first.
constexpr std::size_t most_remembered = 10'000;

} // namespace

bool group_gate::may_call(const job_kind* kind) noexcept {
  return !kind || kind->style == handler_style::fetch || kind->budget || kind->pause_after;
}

std::uint16_t group_gate::most_at_once(std::size_t depth, const job_kind* kind) const noexcept {
  if (depth == group_path::tenant_depth)
    return limits_.tenant;
  const auto of_kind = kind ? kind->credential_at_once : std::uint16_t{0};
  if (limits_.credential == 0 || of_kind == 0)
    return std::max(limits_.credential, of_kind);
  return std::min(limits_.credential, of_kind);
}

std::optional<group_gate::closure> group_gate::closed_for(const ready_job& job, timestamp now) const {
  if (job.in_order && running_.contains(job.group_key))
    return closure{job.group_key, no_time};
  const auto* kind = kind_of(job);
  const auto depth = group_path::depth_of(job.group_key);
  for (std::size_t d = 1; d <= std::min(depth, group_path::stream_depth); ++d) {
    std::string prefix(group_path::prefix(job.group_key, d));
    if (const auto until = blocked_until(prefix); until > now && may_call(kind))
      return closure{std::move(prefix), until};
    if (d > group_path::credential_depth)
      break;
    if (const auto most = most_at_once(d, kind); most > 0)
      if (const auto now_running = running_.find(prefix); now_running != running_.end() && now_running->second >= most)
        return closure{std::move(prefix), no_time};
    if (d != group_path::credential_depth)
      continue;
    if (counting_.contains(prefix))
      return closure{std::move(prefix), no_time};
    if (kind && kind->budget)
      if (const auto known = budgets_.find(prefix); known != budgets_.end())
        if (const auto wait = known->second.bucket.time_until(1, now); wait > duration::zero())
          return closure{std::move(prefix), now + wait};
  }
  return std::nullopt;
}

void group_gate::enter(const ready_job& job, timestamp now) {
  const auto depth = std::min(group_path::depth_of(job.group_key), group_path::credential_depth);
  for (std::size_t d = 1; d <= depth; ++d)
    ++running_[std::string(group_path::prefix(job.group_key, d))];
  if (job.in_order && group_path::depth_of(job.group_key) > group_path::credential_depth)
    ++running_[job.group_key];
  const auto* kind = kind_of(job);
  const auto credential = std::string(group_path::credential(job.group_key));
  if (credential.empty() || !kind || !kind->budget)
    return;
  if (budgets_.size() >= most_remembered && !budgets_.contains(credential))
    std::erase_if(budgets_, [now](const auto& each) { // full ones say nothing; what is spent comes with the next answer
      return each.second.unwritten == 0 && each.second.bucket.available(now) == each.second.bucket.rate().capacity;
    });
  const auto known = budgets_.try_emplace(credential, budget{token_bucket(*kind->budget, now)}).first;
  known->second.bucket.spend(1, now);
  if (known->second.unwritten++ == 0)
    spent_.push_back(credential);
}

void group_gate::count(const ready_job& job) {
  const auto* kind = kind_of(job);
  if (!kind || !kind->pause_after || group_path::depth_of(job.group_key) < group_path::credential_depth)
    return;
  counting_.insert(std::string(group_path::credential(job.group_key)));
}

std::vector<std::string> group_gate::leave(const ready_job& job) {
  std::vector<std::string> opened;
  const auto one_less = [&](std::string prefix) {
    const auto found = running_.find(prefix);
    if (found == running_.end())
      return;
    if (--found->second == 0)
      running_.erase(found);
    opened.push_back(std::move(prefix));
  };
  const auto depth = group_path::depth_of(job.group_key);
  for (std::size_t d = 1; d <= std::min(depth, group_path::credential_depth); ++d)
    one_less(std::string(group_path::prefix(job.group_key, d)));
  if (depth > group_path::credential_depth && job.in_order)
    one_less(job.group_key);
  if (depth >= group_path::credential_depth)
    counting_.erase(std::string(group_path::credential(job.group_key)));
  return opened;
}

void group_gate::block(const std::string& prefix, timestamp until) {
  if (blocks_.size() >= most_remembered && !blocks_.contains(prefix))
    blocks_.erase(std::min_element(blocks_.begin(), blocks_.end(),
                                   [](const auto& a, const auto& b) { return a.second < b.second; }));
  auto& known = blocks_[prefix];
  known = std::max(known, until);
}

timestamp group_gate::blocked_until(const std::string& prefix) const {
  const auto found = blocks_.find(prefix);
  return found == blocks_.end() ? no_time : found->second;
}

std::vector<spend_tokens> group_gate::take_spendings() {
  std::vector<spend_tokens> all;
  for (const auto& prefix : spent_) {
    auto& known = budgets_.at(prefix);
    all.push_back({group_limit_name(prefix), known.bucket.rate(), known.unwritten});
    known.unwritten = 0;
  }
  spent_.clear();
  return all;
}

void group_gate::learned(const std::string& prefix, const token_bucket::snapshot& state) {
  const auto found = budgets_.find(prefix);
  if (found != budgets_.end() && found->second.unwritten == 0)
    found->second.bucket = token_bucket(found->second.bucket.rate(), state);
  if (state.blocked_until != no_time)
    block(prefix, state.blocked_until);
}

} // namespace penstock::actors
