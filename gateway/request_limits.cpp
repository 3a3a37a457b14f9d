#include "gateway/request_limits.hpp"

#include <cstring>

#include "core/ip_address.hpp"

namespace penstock::gateway {
namespace {

constexpr std::size_t most_callers = 16'384; // about 3 MB

keyed_buckets::key key_of(std::string_view address) {
  const auto parsed = parse_ip_address(address);
  keyed_buckets::key out{1, 0};
  if (!parsed)
    return out;
  const auto plain = unmapped(*parsed);
  out[0] = plain.is_v6 ? 3 : 2;
  std::memcpy(&out[1], plain.bytes.data(), sizeof out[1]);
  return out;
}

keyed_buckets::key key_of(const caller& who) {
  return who.user ? keyed_buckets::key{5, static_cast<std::uint64_t>(who.user.value)}
                  : keyed_buckets::key{4, static_cast<std::uint64_t>(who.token.value)};
}

} // namespace

std::size_t keyed_buckets::hash::operator()(const key& of) const noexcept {
  // splitmix64's last steps: neighbours must not share a lock.
  auto x = of[0] * 0x9e3779b97f4a7c15U + of[1];
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  return static_cast<std::size_t>(x ^ (x >> 31U));
}

limit_standing keyed_buckets::look(const key& of, timestamp now, std::int64_t taken) {
  auto& home = shards_[(hash{}(of) >> 32U) % shard_count];
  const std::scoped_lock lock(home.mutex);
  auto found = home.entries.find(of);
  if (found == home.entries.end()) {
    if (home.entries.size() >= most_each_) {
      home.entries.erase(home.by_use.back().of);
      home.by_use.pop_back();
    }
    home.by_use.push_front({of, token_bucket(rate_, now)});
    found = home.entries.emplace(of, home.by_use.begin()).first;
  } else if (found->second != home.by_use.begin()) {
    home.by_use.splice(home.by_use.begin(), home.by_use, found->second);
  }
  auto& bucket = found->second->bucket;
  limit_standing out;
  out.limit = rate_.capacity;
  out.admitted = taken > 0 ? bucket.try_take(taken, now) : bucket.available(now) > 0;
  out.remaining = bucket.available(now);
  out.until_full = bucket.time_until(rate_.capacity, now);
  if (!out.admitted)
    out.retry_after = bucket.time_until(1, now);
  return out;
}

std::size_t keyed_buckets::size() const {
  std::size_t all = 0;
  for (const auto& each : shards_) {
    const std::scoped_lock lock(each.mutex);
    all += each.entries.size();
  }
  return all;
}

request_limits::request_limits(std::optional<token_rate> each, token_rate refusals)
    : refusals_(refusals, most_callers) {
  if (each)
    requests_.emplace(*each, most_callers);
}

std::optional<limit_standing> request_limits::ask(const caller& who, std::string_view address, timestamp now,
                                                  bool takes) {
  if (!requests_)
    return std::nullopt;
  const bool has_token = who.level > access_level::anybody;
  const auto of = has_token ? key_of(who) : key_of(address);
  return takes ? requests_->take(of, now) : requests_->peek(of, now);
}

duration request_limits::note_refusal(std::string_view address, timestamp now) {
  return refusals_.take(key_of(address), now).retry_after;
}

} // namespace penstock::gateway
