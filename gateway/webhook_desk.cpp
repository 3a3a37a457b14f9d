#include "gateway/webhook_desk.hpp"

#include <cstring>
#include <utility>

#include "gateway/sign_in_limits.hpp"

namespace penstock::gateway {

std::size_t webhook_desk::hash_of_hash::operator()(const token_hash& hash) const noexcept {
  std::size_t value = 0;
  std::memcpy(&value, hash.data(), sizeof(value));
  return value;
}

webhook_desk::address webhook_desk::find(const token_hash& secret, timestamp now) {
  const std::scoped_lock lock(mutex_);
  const auto found = known_.find(secret);
  if (found == known_.end())
    return nullptr;
  // A clock that stepped back must not keep an old answer alive.
  if (found->second.until <= now || found->second.until > now + known_for) {
    known_.erase(found);
    return nullptr;
  }
  return found->second.value;
}

std::uint64_t webhook_desk::begin_reading() {
  const std::scoped_lock lock(mutex_);
  return changes_;
}

void webhook_desk::keep(const token_hash& secret, address found, std::uint64_t reading, timestamp now) {
  const std::scoped_lock lock(mutex_);
  if (reading != changes_)
    return;
  if (known_.size() >= most_known)
    known_.clear(); // each is one read away
  known_.insert_or_assign(secret, known{std::move(found), now + known_for});
}

void webhook_desk::forget_all() {
  const std::scoped_lock lock(mutex_);
  ++changes_;
  known_.clear();
}

template <class Key>
std::optional<duration> webhook_desk::take_one(buckets<Key>& from, const Key& key, const token_rate& rate,
                                               timestamp now) {
  if (from.size() >= most_known && !from.contains(key))
    from.clear(); // at worst somebody is given another burst
  auto& bucket = from.try_emplace(key, rate, now).first->second;
  if (bucket.try_take(1, now))
    return std::nullopt;
  return bucket.time_until(1, now);
}

std::optional<duration> webhook_desk::note_wrong_secret(const std::string& remote_address, timestamp now) {
  constexpr token_rate rate{.capacity = wrong_secrets, .refill = wrong_secrets, .interval = std::chrono::minutes(1)};
  const std::scoped_lock lock(mutex_);
  return take_one(wrong_, network_of(remote_address), rate, now);
}

std::optional<duration> webhook_desk::spend(integration_id id, timestamp now) {
  if (!limit_)
    return std::nullopt;
  const std::scoped_lock lock(mutex_);
  return take_one(spent_, id.value, *limit_, now);
}

void webhook_desk::abandon(job_id staged) {
  const std::scoped_lock lock(mutex_);
  if (abandoned_.size() < most_known) // the sweep finds the others
    abandoned_.push_back(staged);
}

std::vector<job_id> webhook_desk::take_abandoned() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(abandoned_, {});
}

} // namespace penstock::gateway
